-- How many statements name a wording is counted without a look at the statements themselves.

CREATE INDEX consent_text_no ON consent (text_no) WHERE text_no IS NOT NULL;
