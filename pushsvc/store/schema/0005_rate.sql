ALTER TABLE certs ADD COLUMN targets_per_second INTEGER NOT NULL DEFAULT 0; -- 0: as its vendor
