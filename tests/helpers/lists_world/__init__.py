"""A small world of signed lists: desks that publish them, sources that carry them, appliances that take them up.

town        the publisher's desks: a central one and two provinces', with invented issuers, cards and members
forgery     publications that no honest desk would make, signed with the keys of one
mirrors     a web server over a published folder, and how it may misbehave
appliances  an appliance's lists, and what must hold after a bad day
"""
