-- What the service's own login may do, where it is not the owner of the database: read and write the tables, read the views,
-- and of the audit tables only read and append. Run by the owner with `mingjian db grants` after `mingjian db upgrade`; may
-- be run again. Then give the role to the login: GRANT mingjian_service TO <login>.
-- Owning nothing, that login can neither drop a table, nor alter one, nor switch its triggers off.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingjian_service') THEN
        CREATE ROLE mingjian_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT USAGE ON SCHEMA public TO mingjian_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO mingjian_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO mingjian_service;
-- Tables that later versions add.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mingjian_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO mingjian_service;
-- The figures: through the role that reads them, so that views made again later are readable too.
GRANT mingjian_dash TO mingjian_service;

REVOKE ALL ON audit_log, audit_anchor, alembic_version FROM mingjian_service;
GRANT SELECT, INSERT ON audit_log, audit_anchor TO mingjian_service;
GRANT SELECT ON alembic_version TO mingjian_service;
