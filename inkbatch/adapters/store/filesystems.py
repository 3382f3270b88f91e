"""On which file system a database is: locks and fsync of a network mount cannot be trusted.

SQLite's own pages say so (sqlite.org/howtocorrupt.html, 2.1, and sqlite.org/useovernet.html), and
the dialing locks are locks of the operating system too.
"""

from pathlib import Path

from inkbatch.domain.errors import StoreError

MOUNTS = Path("/proc/self/mounts")
"""Where Linux tells what is mounted; elsewhere nothing is known and nothing refused."""

NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "ceph",
        "lustre",
        "gpfs",
        "beegfs",
        "orangefs",
        "pvfs2",
        "9p",
        "glusterfs",
        "ocfs2",
        "gfs2",
        "davfs",
        "coda",
    ]
)
FUSE_NETWORK = frozenset(
    [
        "sshfs",
        "glusterfs",
        "s3fs",
        "rclone",
        "gcsfuse",
        "davfs2",
        "davfs",
        "curlftpfs",
        "ceph",
        "cephfs",
        "goofys",
        "mount-s3",
        "smbnetfs",
        "juicefs",
        "moosefs",
        "seaweedfs",
        "blobfuse",
        "blobfuse2",
        "afpfs",
    ]
)


def require_local(database: Path, *, mounts: Path = MOUNTS) -> None:
    """Raise StoreError where the folder of an SQLite file is mounted over a network."""
    kind = _kind_of(database.parent.resolve(), mounts=mounts)
    if kind is not None and _is_network(kind):
        raise StoreError(
            f"The database file {database} is on a network mount ({kind}), where two machines "
            "could dial the same people and a commit may be lost. Put it on a local disk, or use "
            "PostgreSQL."
        )


def _is_network(kind: str) -> bool:
    prefix, _, fuse = kind.partition(".")
    return kind in NETWORK or (prefix == "fuse" and fuse in FUSE_NETWORK)


def _kind_of(folder: Path, *, mounts: Path) -> str | None:
    """Return the type of the last mount on the longest path above a folder."""
    try:
        lines = mounts.read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    found, kind = -1, None
    for line in lines:
        _, point, told, *_ = line.split(" ")
        above = Path(_unescaped(point))
        if folder.is_relative_to(above) and len(above.parts) >= found:
            found, kind = len(above.parts), told
    return kind


def _unescaped(point: str) -> str:
    """Return a mount point with what the kernel writes as octal: blank, tab, newline, backslash."""
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(octal, char)
    return point
