-- Who may work in the console: operators, their sessions, links that work once, tries to sign in.
CREATE TABLE operator (
    operator_id ${id},
    email TEXT UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    password_hash TEXT,
    language TEXT,
    created_at BIGINT NOT NULL,
    seen_at BIGINT
);

CREATE TABLE operator_session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    session_no BIGINT NOT NULL UNIQUE,
    operator_id BIGINT NOT NULL REFERENCES operator (operator_id),
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    lasts INTEGER NOT NULL
);

CREATE INDEX operator_session_of ON operator_session (operator_id);

CREATE TABLE one_time_link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    operator_id BIGINT REFERENCES operator (operator_id),
    purpose TEXT NOT NULL CHECK (purpose IN ('first', 'enter', 'password')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sign_in_attempt (
    attempt_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    tried_at BIGINT NOT NULL,
    PRIMARY KEY (key_hash, tried_at, attempt_id)
);

CREATE INDEX sign_in_attempt_when ON sign_in_attempt (tried_at);
