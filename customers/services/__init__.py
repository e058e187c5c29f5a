"""Write who is whom and what they allow."""

from customers.services.consent import Consent, set_customer_consent, set_visitor_consent
from customers.services.erasing import (
    erase_customer,
    erase_visitor,
    find_person,
    finish_erasure,
    finish_erasures,
    hold_off_erasures,
)
from customers.services.linking import link_visitor, log_out_visitor, undo_link, unlink_visitor
from customers.services.merging import merge_customers, settle_person, unmerge_customer
from customers.services.personal_data import (
    MANY_ROWS,
    Holding,
    Person,
    all_holdings,
    register_holding,
    rows_about,
)
from customers.services.visitors import create_visitor

__all__ = [
    "MANY_ROWS",
    "Consent",
    "Holding",
    "Person",
    "all_holdings",
    "create_visitor",
    "erase_customer",
    "erase_visitor",
    "find_person",
    "finish_erasure",
    "finish_erasures",
    "hold_off_erasures",
    "link_visitor",
    "log_out_visitor",
    "merge_customers",
    "register_holding",
    "rows_about",
    "set_customer_consent",
    "set_visitor_consent",
    "settle_person",
    "undo_link",
    "unlink_visitor",
    "unmerge_customer",
]
