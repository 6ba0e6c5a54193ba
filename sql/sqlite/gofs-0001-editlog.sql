-- EditLog streams: who may append (epoch), up to where (number), and where reading starts (snapshot, trimmed_to).
CREATE TABLE stream (
    stream         INTEGER PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    snapshot       INTEGER NOT NULL DEFAULT 0, -- EditLog number of the Snapshot; 0: none
    snapshot_parts INTEGER NOT NULL DEFAULT 0, -- how many parts it has
    snapshot_at    INTEGER NOT NULL DEFAULT 0, -- milliseconds since 1970 UTC
    trimmed_to     INTEGER NOT NULL DEFAULT 0, -- records up to this number are gone
    deleted        INTEGER NOT NULL DEFAULT 0  -- 1: no one may claim it; its rows are being removed
);
CREATE INDEX stream_deleted ON stream (stream) WHERE deleted = 1;

CREATE TABLE record (
    stream  INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    crc     INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (stream, number)
) WITHOUT ROWID;

CREATE TABLE snapshot_part (
    stream  INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    crc     INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (stream, number, part)
) WITHOUT ROWID;

-- The highest epoch of any stream removed: a stream made again starts above it, so no owner of the old one can append.
CREATE TABLE epoch_floor (epoch INTEGER NOT NULL);
INSERT INTO epoch_floor VALUES (0);
