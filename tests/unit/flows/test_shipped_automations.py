"""The automations that ship, as Prefect reads them."""

from uuid import uuid4

from flows.automating import shipped_automations
from inkbatch.domain.notice import NoticeKind


def test_each_notice_is_told_by_one_automation():
    """A kind of notice that no automation expects would be emitted for nobody."""
    automations = shipped_automations(str(uuid4()))
    expected = [event for each in automations for event in each.trigger.expect]
    ours = sorted(event for event in expected if event.startswith("inkbatch."))
    assert ours == sorted(f"inkbatch.{kind}" for kind in NoticeKind)


def test_each_automation_tells_the_block_that_was_named():
    """The file has a place for its id, which nothing else is written into."""
    block = uuid4()
    for automation in shipped_automations(str(block)):
        (action,) = automation.actions
        assert action.block_document_id == block
        assert automation.tags == ["inkbatch"]
