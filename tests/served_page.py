"""The page as a server of this process, on a real socket, over a folder and a database."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn

from inkbatch.settings import Settings
from inkbatch.web.access import Person, Role
from inkbatch.web.desk_app import page_app
from inkbatch.web.office import Office
from inkbatch.wiring import Workplace

SANDBOX = "http://127.0.0.1:1/api/v1/phone"


@dataclass(frozen=True)
class ServedPage:
    """Where the page is, and what it works with."""

    url: str
    office: Office

    def link(self, role=Role.OPERATOR, name="Maria"):
        """Return a link that lets somebody in once."""
        person = Person(name=name, role=role)
        token = self.office.sessions.new_link_token(person, now=self.office.now())
        return f"{self.url}/enter?token={token}"

    @contextmanager
    def stranger(self, **headers):
        """Yield a client as a browser that nobody let in."""
        sent = {"Sec-Fetch-Site": "same-origin", **headers}
        with httpx.Client(base_url=self.url, headers=sent, timeout=60) as client:
            yield client

    @contextmanager
    def visitor(self, role=Role.OPERATOR, **headers):
        """Yield a client of somebody who came in by a link."""
        with self.stranger(**headers) as client:
            assert client.get(self.link(role)).status_code == 200
            yield client


@contextmanager
def served_page(folder, **settings):
    """Serve the page on a free port of loopback, over the campaigns in a folder."""
    told = {
        "api_key": "sandbox",
        "base_url": SANDBOX,
        "database_url": f"sqlite:///{folder / 'page.db'}",
        **settings,
    }
    workplace = Workplace(settings=Settings(_env_file=None, **told))
    store = workplace.open_store()
    campaigns = folder / "campaigns"
    campaigns.mkdir(exist_ok=True)
    office = workplace.office(store, campaigns)
    app = page_app(office, hosts={"127.0.0.1", "localhost"})
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield ServedPage(f"http://127.0.0.1:{port}", office)
    finally:
        office.closing.set()
        server.should_exit = True
        thread.join()
        store.close()
