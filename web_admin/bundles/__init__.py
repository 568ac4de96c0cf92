"""Where another appliance posts its bundles."""
