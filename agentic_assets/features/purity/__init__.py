"""What the code of a view reaches beside what it is given: frames, files, the clock and chance are refused.

Code is looked into without being run: the values that it closes over, the names that it uses, and the functions of its
own making that it calls. What cannot be seen like that is left to the proofs of the set: what is reached by a name
that is computed, from a method of a value that is made at run time, inside of another library, or from a container
that is filled later; nor does anything tell whether literals in an expression were known. A planted future, and a day
alone against its range, show a leak by what it does; the literals of an expression count in the digest.
"""

from agentic_assets.features.purity.checking import check_code
from agentic_assets.features.purity.walking import Reached, reached

__all__ = ["Reached", "check_code", "reached"]
