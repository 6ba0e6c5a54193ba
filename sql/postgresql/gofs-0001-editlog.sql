-- EditLog streams: who may append (epoch), up to where (number), and where reading starts (snapshot, trimmed_to).
-- Rows are updated in place all the time (no index holds a column that a commit changes), so pages keep room for it.
CREATE TABLE gofs.stream (
    stream         bigint PRIMARY KEY,
    epoch          bigint NOT NULL,
    former_epoch   bigint NOT NULL DEFAULT 0,     -- the one before; 0: the stream was made with this one
    number         bigint NOT NULL,
    snapshot       bigint NOT NULL DEFAULT 0,     -- EditLog number of the Snapshot; 0: none
    snapshot_parts integer NOT NULL DEFAULT 0,    -- how many parts it has
    snapshot_at    bigint NOT NULL DEFAULT 0,     -- milliseconds since 1970 UTC
    trimmed_to     bigint NOT NULL DEFAULT 0,     -- records up to this number are gone
    deleted        boolean NOT NULL DEFAULT false -- no one may claim it; its rows are being removed
) WITH (fillfactor = 50);
CREATE INDEX stream_deleted ON gofs.stream (stream) WHERE deleted;

CREATE TABLE gofs.record (
    stream  bigint NOT NULL,
    number  bigint NOT NULL,
    crc     bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (stream, number)
);

CREATE TABLE gofs.snapshot_part (
    stream  bigint NOT NULL,
    number  bigint NOT NULL,
    part    integer NOT NULL,
    crc     bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (stream, number, part)
);

-- Payloads are not compressed: that would cost the server more than the bytes do.
ALTER TABLE gofs.record ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE gofs.snapshot_part ALTER COLUMN payload SET STORAGE EXTERNAL;

-- Every epoch of every stream comes from here, so none is ever held by two owners, also of a stream that was removed and made again. Taking one
-- draws under the row's lock, so that a stream's epochs rise.
CREATE SEQUENCE gofs.epoch;

-- One transaction of a silo's writer, from its first lock to its commit in one call: while it runs it waits for no client, so a silo that
-- stops in the middle holds no row. Streams come sorted: all silos lock rows in the same order and never wait for each other in a circle.
--   claims: 0 checks (epoch, number), 1 makes the stream, 2 takes the next epoch.  items: for each record, whose (from 1).
--   refused: which streams are not theirs.  heads: eight numbers for each claim that was not refused.
CREATE PROCEDURE gofs.commit_1(
    INOUT refused integer[], INOUT heads bigint[],
    streams bigint[], claims smallint[], epochs bigint[], previous bigint[], last bigint[], deletes boolean[],
    items integer[], numbers bigint[], crcs bigint[], payloads bytea[])
LANGUAGE plpgsql AS $procedure$
DECLARE
    head gofs.stream%ROWTYPE;
BEGIN
    refused := '{}';
    heads := '{}';
    FOR i IN 1 .. cardinality(streams) LOOP
        IF claims[i] = 0 AND last[i] = previous[i] AND NOT deletes[i] THEN
            PERFORM FROM gofs.stream WHERE stream = streams[i] AND epoch = epochs[i] AND number = previous[i];
        ELSIF claims[i] = 0 THEN
            UPDATE gofs.stream SET number = last[i] WHERE stream = streams[i] AND epoch = epochs[i] AND number = previous[i];
        ELSIF claims[i] = 1 THEN
            INSERT INTO gofs.stream (stream, epoch, number) VALUES (streams[i], nextval('gofs.epoch'), last[i])
            ON CONFLICT (stream) DO NOTHING
            RETURNING * INTO head;
        ELSE
            INSERT INTO gofs.stream AS s (stream, epoch, number) VALUES (streams[i], nextval('gofs.epoch'), 0)
            ON CONFLICT (stream) DO UPDATE SET epoch = nextval('gofs.epoch'), former_epoch = s.epoch WHERE NOT s.deleted
            RETURNING * INTO head;
        END IF;
        IF NOT FOUND THEN
            refused := refused || i;
            CONTINUE;
        END IF;
        IF claims[i] <> 0 THEN
            heads := heads || ARRAY[head.epoch, head.number, head.snapshot, head.snapshot_parts, head.snapshot_at, head.trimmed_to,
                head.deleted::integer, head.former_epoch];
        END IF;
        IF deletes[i] THEN
            UPDATE gofs.stream SET deleted = true, epoch = nextval('gofs.epoch') WHERE stream = streams[i];
        END IF;
    END LOOP;

    IF cardinality(refused) = 0 THEN
        INSERT INTO gofs.record SELECT streams[r.item], r.at, r.crc, r.payload FROM unnest(items, numbers, crcs, payloads) AS r (item, at, crc, payload);
    ELSE
        INSERT INTO gofs.record SELECT streams[r.item], r.at, r.crc, r.payload FROM unnest(items, numbers, crcs, payloads) AS r (item, at, crc, payload)
        WHERE r.item <> ALL (refused);
    END IF;

    -- Small ones go at once; the sweep removes large ones, a little at a time.
    IF true = ANY (deletes) THEN
        FOR i IN 1 .. cardinality(streams) LOOP
            CONTINUE WHEN NOT deletes[i] OR i = ANY (refused);
            DELETE FROM gofs.stream WHERE stream = streams[i] AND snapshot = 0 AND number - trimmed_to <= 1000;
            IF FOUND THEN
                DELETE FROM gofs.record WHERE stream = streams[i];
                DELETE FROM gofs.snapshot_part WHERE stream = streams[i];
            END IF;
        END LOOP;
    END IF;

    COMMIT;
END
$procedure$;
