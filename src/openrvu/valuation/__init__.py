"""What a service's work is worth: published values audited, surveys read, measures anchored on known work RVUs.

Numeric modules take work RVUs as arguments and know nothing of the facts folder. Statistics are floats; work RVUs come
in as whole numbers x 10^4, and sums and means of them stay exact.
"""
