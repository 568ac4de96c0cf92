"""Two appliances, one meeting: bundles of what each recorded, by stick or by network (``docs/two-appliances.md``)."""
