"""The database's revisions, one file each in `versions`, applied in order and never edited."""
