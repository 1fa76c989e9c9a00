"""Ways to reach people, one file each: they speak to mail servers and other machines."""
