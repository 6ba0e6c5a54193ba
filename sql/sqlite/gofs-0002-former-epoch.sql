-- The epoch before the one a stream has; 0: it was made with this one. A new owner that knows how the former one ended need not wait for it.
ALTER TABLE stream ADD COLUMN former_epoch INTEGER NOT NULL DEFAULT 0;
