"""The invented coffee roaster “Kaffeehaus”: customers who visit, buy, return, complain, refer and leave by known laws."""
