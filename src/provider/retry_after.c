/* Every field has one row: its name, how its value is read, and for which limit. Repeated fields
 * are merged so that the longer wait, the limit that is used up and the advice not to retry win,
 * which makes the order of fields irrelevant. */
#include "provider/retry_after.h"

#include "base/clock.h"
#include "provider/http_field.h"

enum reading { DATE, EXACT, TOLD, ADVICE, RESET, REMAINING };

static const struct row {
    struct text name;
    enum reading reading;
    enum retry_limit limit;
} rows[] = {
    /* clang-format off */
    {TEXT_INIT("date"),                                    DATE,      0},
    {TEXT_INIT("retry-after"),                             TOLD,      0},
    {TEXT_INIT("retry-after-ms"),                          EXACT,     0},
    {TEXT_INIT("x-should-retry"),                          ADVICE,    0},
    {TEXT_INIT("x-ratelimit-reset"),                       RESET,     RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("x-ratelimit-remaining"),                   REMAINING, RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("x-ratelimit-reset-requests"),              RESET,     RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("x-ratelimit-remaining-requests"),          REMAINING, RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("x-ratelimit-reset-tokens"),                RESET,     RETRY_LIMIT_TOKENS},
    {TEXT_INIT("x-ratelimit-remaining-tokens"),            REMAINING, RETRY_LIMIT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-requests-reset"),      RESET,     RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("anthropic-ratelimit-requests-remaining"),  REMAINING, RETRY_LIMIT_REQUESTS},
    {TEXT_INIT("anthropic-ratelimit-tokens-reset"),        RESET,     RETRY_LIMIT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-tokens-remaining"),    REMAINING, RETRY_LIMIT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-input-tokens-reset"),  RESET,     RETRY_LIMIT_INPUT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-input-tokens-remaining"),
                                                           REMAINING, RETRY_LIMIT_INPUT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-output-tokens-reset"), RESET,     RETRY_LIMIT_OUTPUT_TOKENS},
    {TEXT_INIT("anthropic-ratelimit-output-tokens-remaining"),
                                                           REMAINING, RETRY_LIMIT_OUTPUT_TOKENS},
    /* clang-format on */
};

static const struct row *find_row(struct text name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].name.len == name.len && text_equal_nocase(rows[i].name, name))
            return &rows[i];
    return NULL;
}

/* ---- Values ---- */

/* Units of Go's time.ParseDuration; `per` of them are a `unit_ms`. */
static const struct unit {
    struct text name;
    uint64_t unit_ms, per;
} units[] = {
    /* clang-format off */
    {TEXT_INIT("h"),        3600000, 1},
    {TEXT_INIT("m"),          60000, 1},
    {TEXT_INIT("s"),           1000, 1},
    {TEXT_INIT("ms"),             1, 1},
    {TEXT_INIT("us"),             1, 1000},
    {TEXT_INIT("\xC2\xB5s"),      1, 1000}, /* U+00B5, as Go prints it */
    {TEXT_INIT("\xCE\xBCs"),      1, 1000}, /* U+03BC */
    {TEXT_INIT("ns"),             1, 1000000},
    /* clang-format on */
};

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '.';
}

/* Takes one number with its unit off the front. */
static bool take_part(struct text *rest, uint64_t *out_ms)
{
    struct text number = text_first(*rest, 0), word;
    size_t len = 0;

    while (number.len < rest->len && is_of_number(rest->at[number.len]))
        number.len++;
    word = text_after(*rest, number.len);
    while (len < word.len && !is_of_number(word.at[len]))
        len++;
    word.len = len;
    *rest = text_after(*rest, number.len + len);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!text_equal(word, units[i].name))
            continue;
        if (!field_seconds(number, units[i].unit_ms, out_ms))
            return false;
        *out_ms = (*out_ms + units[i].per - 1) / units[i].per;
        return true;
    }
    return false;
}

/* "1m30s", "6ms", "2m59.56s"; each part rounded up to a millisecond. */
static bool read_duration(struct text value, uint64_t *out_ms)
{
    uint64_t sum_ms = 0, part_ms;

    do {
        if (!take_part(&value, &part_ms))
            return false;
        sum_ms += part_ms;
    } while (value.len > 0 && sum_ms <= RETRY_AFTER_MAX_MS);
    *out_ms = sum_ms;
    return true;
}

static void wait_at_least(struct retry_moment *moment, uint64_t wait_ms)
{
    if (wait_ms > moment->wait_ms && wait_ms <= RETRY_AFTER_MAX_MS)
        moment->wait_ms = wait_ms;
}

static void wait_until(struct retry_moment *moment, int64_t at_ms)
{
    if (at_ms > moment->at_ms)
        moment->at_ms = at_ms;
}

static void read_told(struct retry_moment *told, struct text value)
{
    uint64_t wait_ms;

    if (field_seconds(value, 1000, &wait_ms))
        wait_at_least(told, wait_ms);
    else
        wait_until(told, field_date(value) * 1000);
}

/* Plain numbers are told apart by their size: a wait is no thirty years, and an epoch is no less.
 */
static void read_reset(struct retry_moment *reset, struct text value)
{
    uint64_t number;
    int64_t at_ms;

    if (text_to_u64(value, &number) && number >= 1000000000) {
        if (number < 100000000000)
            number *= 1000;
        if (number <= INT64_MAX)
            wait_until(reset, (int64_t)number);
    } else if (field_seconds(value, 1000, &number) || read_duration(value, &number)) {
        wait_at_least(reset, number);
    } else if (clock_parse_rfc3339(value, &at_ms)) {
        wait_until(reset, at_ms);
    }
}

/* ---- Fields ---- */

void retry_after_read(struct retry_after *after, struct text name, struct text value)
{
    const struct row *row = find_row(name);
    struct retry_moment date = {.at_ms = after->date_ms};
    uint64_t number;

    if (row == NULL)
        return;
    switch (row->reading) {
    case DATE:
        wait_until(&date, field_date(value) * 1000);
        after->date_ms = date.at_ms;
        break;
    case EXACT:
        if (field_seconds(value, 1, &number))
            wait_at_least(&after->exact, number);
        break;
    case TOLD:
        read_told(&after->told, value);
        break;
    case ADVICE:
        after->retry_told |= text_equal_nocase(value, TEXT("true"));
        after->retry_forbidden |= text_equal_nocase(value, TEXT("false"));
        break;
    case RESET:
        read_reset(&after->resets[row->limit], value);
        break;
    case REMAINING:
        if (text_to_u64(value, &number))
            *(number == 0 ? &after->used_up[row->limit] : &after->has_left[row->limit]) = true;
        break;
    }
}

void retry_after_read_head(struct retry_after *after, const struct http_head *head)
{
    struct text fields = head->fields, name, value;

    while (http_head_next(&fields, &name, &value))
        retry_after_read(after, name, value);
}

void retry_after_read_body(struct retry_after *after, struct text duration)
{
    uint64_t wait_ms;

    if (read_duration(duration, &wait_ms))
        wait_at_least(&after->body, wait_ms);
}

/* ---- The outcome ---- */

static uint64_t wait_of(const struct retry_moment *moment, int64_t from_ms)
{
    uint64_t wait_ms = moment->wait_ms;

    if (moment->at_ms > from_ms) {
        uint64_t until_ms = (uint64_t)moment->at_ms - (uint64_t)from_ms;

        if (until_ms <= RETRY_AFTER_MAX_MS && until_ms > wait_ms)
            wait_ms = until_ms;
    }
    return wait_ms;
}

static uint64_t longest_reset(const struct retry_after *after, int64_t from_ms)
{
    uint64_t used_up_ms = 0, other_ms = 0;

    for (size_t i = 0; i < RETRY_LIMIT_COUNT; i++) {
        uint64_t wait_ms = wait_of(&after->resets[i], from_ms);

        if (after->used_up[i])
            used_up_ms = wait_ms > used_up_ms ? wait_ms : used_up_ms;
        else if (i != RETRY_LIMIT_REQUESTS || !after->has_left[i]) /* tokens left may be too few */
            other_ms = wait_ms > other_ms ? wait_ms : other_ms;
    }
    return used_up_ms > 0 ? used_up_ms : other_ms;
}

uint64_t retry_after_wait_ms(const struct retry_after *after, int64_t wall_ms)
{
    const struct retry_moment *const first[] = {&after->exact, &after->told, &after->body};
    int64_t from_ms = after->date_ms > 0 ? after->date_ms : wall_ms;

    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        uint64_t wait_ms = wait_of(first[i], from_ms);

        if (wait_ms > 0)
            return wait_ms;
    }
    return longest_reset(after, from_ms);
}

enum retry_advice retry_after_advice(const struct retry_after *after)
{
    if (after->retry_forbidden)
        return RETRY_ADVICE_NO;
    return after->retry_told ? RETRY_ADVICE_YES : RETRY_ADVICE_NONE;
}
