-- The cluster's id, made once by whichever silo comes first: every silo's folders and disks carry it.
CREATE TABLE gofs.cluster (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id  text NOT NULL
);
INSERT INTO gofs.cluster (id) VALUES (replace(gen_random_uuid()::text, '-', ''));
