-- phase: of the six, where an annotation belongs to one; the journey map shows it there.

ALTER TABLE annotation ADD COLUMN phase TEXT;
