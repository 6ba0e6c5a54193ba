-- A row holds one record or several of one commit. Why: most of what a small record cost the server was its row. `number` is the last one's. A row of one
-- has its payload and CRC as they are; a row of several has, for each, length (4), CRC (4), payload in `payload`, and 0 as `crc`.
-- Rows of up to a page stay in the table.
ALTER TABLE gofs.record ADD COLUMN count integer NOT NULL DEFAULT 1;
ALTER TABLE gofs.record SET (toast_tuple_target = 8160);

-- Like commit_1, of rows. Records beyond a stream's number are a contradiction: that stream is refused and nothing is written over them.
--   items: for each row, whose (from 1).  refused: which streams are not theirs; negative: which contradict the store.
CREATE PROCEDURE gofs.commit_2(
    INOUT refused integer[], INOUT heads bigint[],
    streams bigint[], claims smallint[], epochs bigint[], previous bigint[], last bigint[], deletes boolean[],
    items integer[], numbers bigint[], counts integer[], crcs bigint[], payloads bytea[])
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
            UPDATE gofs.stream SET number = last[i] WHERE stream = streams[i] AND epoch = epochs[i] AND number = previous[i]
            AND NOT EXISTS (SELECT FROM gofs.record r WHERE r.stream = streams[i] AND r.number > previous[i]);
        ELSIF claims[i] = 1 THEN
            INSERT INTO gofs.stream (stream, epoch, number) SELECT streams[i], nextval('gofs.epoch'), last[i]
            WHERE NOT EXISTS (SELECT FROM gofs.record r WHERE r.stream = streams[i])
            ON CONFLICT (stream) DO NOTHING
            RETURNING * INTO head;
        ELSE
            INSERT INTO gofs.stream AS s (stream, epoch, number) VALUES (streams[i], nextval('gofs.epoch'), 0)
            ON CONFLICT (stream) DO UPDATE SET epoch = nextval('gofs.epoch'), former_epoch = s.epoch WHERE NOT s.deleted
            RETURNING * INTO head;
        END IF;
        IF NOT FOUND THEN
            IF claims[i] = 0 THEN
                PERFORM FROM gofs.stream WHERE stream = streams[i] AND epoch = epochs[i] AND number = previous[i];
            ELSE
                PERFORM WHERE claims[i] = 1 AND NOT EXISTS (SELECT FROM gofs.stream WHERE stream = streams[i]);
            END IF;
            refused := refused || CASE WHEN FOUND THEN -i ELSE i END;
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
        INSERT INTO gofs.record (stream, number, count, crc, payload)
        SELECT streams[r.item], r.at, r.count, r.crc, r.payload
        FROM unnest(items, numbers, counts, crcs, payloads) AS r (item, at, count, crc, payload);
    ELSE
        INSERT INTO gofs.record (stream, number, count, crc, payload)
        SELECT streams[r.item], r.at, r.count, r.crc, r.payload
        FROM unnest(items, numbers, counts, crcs, payloads) AS r (item, at, count, crc, payload)
        WHERE r.item <> ALL (refused) AND -r.item <> ALL (refused);
    END IF;

    -- Small ones go at once; the sweep removes large ones, a little at a time.
    IF true = ANY (deletes) THEN
        FOR i IN 1 .. cardinality(streams) LOOP
            CONTINUE WHEN NOT deletes[i] OR i = ANY (refused) OR -i = ANY (refused);
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
