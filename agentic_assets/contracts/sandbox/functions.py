"""The functions that SQL of a contract may call: those whose answer depends on their arguments alone."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["AGGREGATES", "ALLOWED", "CLOCKS", "FORBIDDEN", "WINDOWS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLOCKS: Final = _words(
    """
    now today current_timestamp current_date current_time localtime localtimestamp get_current_timestamp
    get_current_time transaction_timestamp
    """
)
"""What reads the clock: harmless, and common in checks elsewhere, but a partition made again has to be judged alike."""

AGGREGATES: Final = _words(
    """
    count count_star sum avg mean min max median mode stddev stddev_pop stddev_samp variance var_pop var_samp
    quantile quantile_cont quantile_disc bool_and bool_or count_if countif sumif skewness kurtosis corr covar_pop
    covar_samp regr_slope regr_intercept regr_r2 entropy bit_and bit_or bit_xor product approx_count_distinct mad
    sum_no_overflow kahan_sum fsum favg arg_min arg_max min_by max_by
    """
)

WINDOWS: Final = _words(
    """
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value first last
    """
)

# Every answer of these is fixed by what goes in, and none makes text much longer than it was.
_SCALARS: Final = _words(
    """
    + - * / // % ** ^ & | << >> || ~~ !~~ ~~* !~~* ~~~ ~ !~ @ ^@ abs sign round ceil ceiling floor trunc sqrt cbrt
    exp ln log log2 log10 pow power mod fmod add subtract multiply divide greatest least isnan isinf isfinite
    radians degrees sin cos tan asin acos atan atan2 gcd lcm even bit_count xor lower upper lcase ucase length len
    strlen char_length character_length length_grapheme trim ltrim rtrim substr substring substring_grapheme left
    right replace reverse starts_with ends_with suffix prefix contains instr strpos position concat concat_ws
    split_part ascii ord chr unicode translate strip_accents nfc_normalize md5 sha256 hash regexp_matches
    regexp_full_match regexp_extract regexp_replace like_escape not_like_escape ilike_escape not_ilike_escape
    levenshtein editdist3 hamming jaccard damerau_levenshtein jaro_similarity jaro_winkler_similarity coalesce
    ifnull nullif if constant_or_null year month day hour minute second millisecond microsecond quarter week
    weekday dayofweek dayofyear dayofmonth isodow isoyear weekofyear yearweek era century decade millennium epoch
    epoch_ms epoch_us epoch_ns date_part datepart date_trunc datetrunc date_diff datediff date_sub datesub date_add
    dayname monthname last_day make_date make_timestamp make_time strftime strptime try_strptime to_days to_hours
    to_minutes to_seconds to_milliseconds to_months to_years to_weeks to_timestamp timezone time_bucket julian row
    list_value array_contains list_contains list_has
    """
)

ALLOWED: Final = AGGREGATES | WINDOWS | _SCALARS

FORBIDDEN: Final = re.compile(
    r"(read|write|scan|sniff|parquet|duckdb|pragma|pg|sqlite|postgres|mysql|iceberg|delta|json_execute|http|from_)_?\w*"
    r"|\w*_(scan|secrets?|setting|objects?)|glob|getenv|query|query_table|which_secret|checkpoint|force_checkpoint"
    r"|sleep_ms|error|seq_scan|index_scan|summary|show\w*|repeat\w*|range|generate_\w+|unnest|lpad|rpad|bar"
    r"|now|today|random|rand|setseed|uuid\w*|gen_random_uuid|txid_current|nextval|currval|setval|getvariable|version"
    r"|current_\w+|get_current_\w+|transaction_timestamp|localtime\w*|session_user|user|in_search_path|stats|vector_type"
)
"""What reads files, settings or the clock, draws lots, or makes much out of little: refused, not merely left out."""
