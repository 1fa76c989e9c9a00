-- Whose way it is now, after merges.
coalesce((SELECT i.customer_id FROM identifier i WHERE i.identifier_id = e.customer_id), e.customer_id)
