"""采购用途列入情况证明 for all products of a shortlist: one person of the buyer asks, another approves, workers issue."""
