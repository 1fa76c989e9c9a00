-- Every figure asks who was erased; looking through all identifiers takes longer than many a figure.

CREATE INDEX identifier_erased ON identifier (identifier_id) WHERE kind = 'erased';
