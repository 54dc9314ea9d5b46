/* Numbers, dates and the language of a text, by rules of thumb. */
#include "base/buffer.h"
#include "demo/demo_scan.h"

#include <stdio.h>

enum { LIST_MAX = 64 };

/* "1,234.50", "$12", "75%" as a JSON number; empty when it is none. */
static struct text number_in(struct text token, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    bool fraction = false;

    if (token.len > 0 && token.at[0] == '$')
        token = text_after(token, 1);
    else if (text_starts(token, TEXT("\u20AC")) || text_starts(token, TEXT("\u00A3")))
        token = text_after(token, token.at[0] == '\xC2' ? 2 : 3);
    if (token.len > 0 && token.at[token.len - 1] == '%')
        token.len--;
    if (token.len > 1 && token.at[0] == '-')
        buffer_put_byte(&out, '-'), token = text_after(token, 1);
    if (token.len == 0 || token.len > 15 || !is_digit(token.at[0]) ||
        !is_digit(token.at[token.len - 1]))
        return (struct text){0};
    for (size_t i = 0; i < token.len; i++) {
        if (token.at[i] == ',' && !fraction)
            continue;
        if (token.at[i] == '.' && !fraction)
            fraction = true;
        else if (!is_digit(token.at[i]))
            return (struct text){0};
        buffer_put_byte(&out, token.at[i]);
    }
    if (token.at[0] == '0' && token.len > 1 && token.at[1] != '.')
        return (struct text){0};
    return buffer_text(&out);
}

struct demo_list demo_find_numbers(const struct demo_list *tokens, struct arena *arena)
{
    struct demo_gather found = demo_gather_new(arena, LIST_MAX);

    for (size_t i = 0; i < tokens->count; i++)
        demo_gather_put_once(&found, number_in(tokens->items[i], arena));
    return demo_gathered(&found);
}

/* 1 to 12 for the English name of a month or its first three letters; else 0. */
static unsigned month_of(struct text word)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};

    for (unsigned i = 0; i < 12; i++)
        if (text_equal_nocase(word, text_of(months[i])) ||
            text_equal_nocase(word, text_first(text_of(months[i]), 3)))
            return i + 1;
    return 0;
}

static struct text date_text(uint64_t year, uint64_t month, uint64_t day, struct arena *arena)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < 1000 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return (struct text){0};
    return arena_printf(arena, "%04u-%02u-%02u", (unsigned)year, (unsigned)month, (unsigned)day);
}

/* 2026-03-24, 2026/03/24 and 24.03.2026. */
static struct text date_in(struct text token, struct arena *arena)
{
    char mark = text_find_byte(token, '-') < token.len   ? '-'
                : text_find_byte(token, '/') < token.len ? '/'
                                                         : '.';
    uint64_t first, second, third;

    if (!text_to_u64(text_split(&token, mark), &first) ||
        !text_to_u64(text_split(&token, mark), &second) || !text_to_u64(token, &third))
        return (struct text){0};
    return mark == '.' ? date_text(third, second, first, arena)
                       : date_text(first, second, third, arena);
}

/* The day in "24" or "24th", else 0. */
static uint64_t day_in(struct text token)
{
    uint64_t day = 0;

    if (token.len > 2 && is_lower(token.at[token.len - 1]))
        token.len -= 2;
    return text_to_u64(token, &day) ? day : 0;
}

struct demo_list demo_find_dates(struct text text, struct arena *arena)
{
    struct demo_gather found = demo_gather_new(arena, LIST_MAX);
    struct text window[3] = {{0}}, run;
    uint64_t year;

    for (size_t runs = 0; runs < DEMO_RUNS_MAX && demo_next_run(&text, &run); runs++) {
        window[0] = window[1], window[1] = window[2], window[2] = demo_bare(run);
        demo_gather_put_once(&found, date_in(window[2], arena));
        if (!text_to_u64(window[2], &year))
            continue;
        if (month_of(window[1]) > 0) /* 24 March 2026 */
            demo_gather_put_once(&found,
                                 date_text(year, month_of(window[1]), day_in(window[0]), arena));
        else if (month_of(window[0]) > 0) /* March 24, 2026 */
            demo_gather_put_once(&found,
                                 date_text(year, month_of(window[0]), day_in(window[1]), arena));
    }
    return demo_gathered(&found);
}

struct text demo_guess_language(struct text text)
{
    static const struct {
        struct text language;
        const char *words; /* between blanks */
    } rows[] = {
        {TEXT_INIT("en"), " the and of to is in that was for "},
        {TEXT_INIT("de"), " der die und das ist nicht ein mit den "},
        {TEXT_INIT("fr"), " le la les et est une des que pour "},
        {TEXT_INIT("es"), " el los las una y es por con del "},
    };
    size_t counts[4] = {0}, best = 0;
    struct text run;

    for (size_t runs = 0; runs < DEMO_RUNS_MAX && demo_next_run(&text, &run); runs++) {
        char word[16];

        if (run.len + 3 > sizeof word)
            continue;
        snprintf(word, sizeof word, " %.*s ", TEXT_ARG(run));
        for (size_t i = 0; i < 4; i++)
            counts[i] += strstr(rows[i].words, word) != NULL;
    }
    for (size_t i = 1; i < 4; i++)
        best = counts[i] > counts[best] ? i : best;
    return rows[best].language;
}
