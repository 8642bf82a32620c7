"""The products that a buyer's account has put aside: to compare them, and to have certificates issued for all at once."""
