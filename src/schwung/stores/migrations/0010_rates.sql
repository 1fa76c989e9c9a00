-- What one unit of a currency is worth in the reporting currency, from a day on; entered by an operator.

-- rate: decimal text.
CREATE TABLE rate (
  currency TEXT NOT NULL,
  valid_from_on TEXT NOT NULL,
  rate TEXT NOT NULL,
  PRIMARY KEY (currency, valid_from_on)
) ${without_rowid};
