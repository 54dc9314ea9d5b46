/* Which of the two forms is written, as the Accept header of a scrape wants it. */
#include "journal/metrics.h"

enum { WEIGHT_MAX = 1000 };

/* "0.25" is 250; RFC 9110, section 12.4.2: three places at most. What is none weighs nothing. */
static unsigned read_weight(struct text value)
{
    unsigned weight = 0, unit = WEIGHT_MAX;

    if (value.len == 0 || value.len > 5 || (value.len > 1 && value.at[1] != '.'))
        return 0;
    for (size_t i = 0; i < value.len; i++) {
        if (i == 1)
            continue;
        if (value.at[i] < '0' || value.at[i] > '9')
            return 0;
        weight += (unsigned)(value.at[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= WEIGHT_MAX ? weight : 0;
}

/* Of what is left of a media range behind its type. */
static unsigned weight_of(struct text parameters)
{
    while (parameters.len > 0) {
        struct text value = text_trim(text_split(&parameters, ';'));
        struct text name = text_trim(text_split(&value, '='));

        if (text_equal_nocase(name, TEXT("q")))
            return read_weight(text_trim(value));
    }
    return WEIGHT_MAX;
}

enum metrics_form metrics_form_of(struct text accept)
{
    unsigned open = 0, plain = 0;

    while (accept.len > 0) {
        struct text range = text_split(&accept, ',');
        struct text type = text_trim(text_split(&range, ';'));

        if (text_equal_nocase(type, TEXT("application/openmetrics-text")))
            open = weight_of(range);
        else if (text_equal_nocase(type, TEXT("text/plain")))
            plain = weight_of(range);
    }
    return open > 0 && open >= plain ? METRICS_OPENMETRICS : METRICS_TEXT;
}

struct text metrics_content_type(enum metrics_form form)
{
    return form == METRICS_OPENMETRICS
               ? TEXT("application/openmetrics-text; version=1.0.0; charset=utf-8")
               : TEXT("text/plain; version=0.0.4; charset=utf-8");
}

void metrics_end(struct buffer *out, enum metrics_form form)
{
    if (form == METRICS_OPENMETRICS)
        buffer_put(out, TEXT("# EOF\n"));
}
