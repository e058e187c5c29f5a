"""Write who is whom and what they allow."""

from customers.services.consent import Consent, set_customer_consent, set_visitor_consent
from customers.services.linking import link_visitor, log_out_visitor, undo_link, unlink_visitor
from customers.services.merging import merge_customers, settle_person, unmerge_customer
from customers.services.visitors import create_visitor

__all__ = [
    "Consent",
    "create_visitor",
    "link_visitor",
    "log_out_visitor",
    "merge_customers",
    "set_customer_consent",
    "set_visitor_consent",
    "settle_person",
    "undo_link",
    "unlink_visitor",
    "unmerge_customer",
]
