"""Every query and write of the state, in the SQL that SQLite (3.35) and PostgreSQL share; parameters are ``:named``."""
