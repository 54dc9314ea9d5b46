#include "command/providers_print.h"

#include "document/member.h"

#include <stdio.h>

enum { SHOWN_BYTES = 64 };

static uint32_t array_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document_cell(document, at)->type == CELL_ARRAY ? at : CELL_NONE;
}

static bool is(const struct document *document, uint32_t object, const char *name, const char *word)
{
    return text_equal(member_text(document, object, name), text_of(word));
}

/* A dash where there is none. */
static struct text shown(const struct document *document, uint32_t object, const char *name)
{
    struct text text = object == CELL_NONE ? (struct text){0} : member_text(document, object, name);

    return text.len > 0 ? text : TEXT("-");
}

uint32_t providers_hour(const struct providers *providers, uint32_t provider)
{
    struct text id = member_text(providers->list, provider, "id");
    uint32_t points = providers->hour == NULL ? CELL_NONE : array_of(providers->hour, 0, "points");

    if (points == CELL_NONE)
        return CELL_NONE;
    for (uint32_t at = points + 1; at < document_next(providers->hour, points);
         at = document_next(providers->hour, at))
        if (text_equal(member_text(providers->hour, at, "key"), id))
            return at;
    return CELL_NONE;
}

/* Padded before it is coloured, since what colours takes no room. */
static void print_state(const struct providers *providers, uint32_t provider, int width)
{
    struct text state = member_text(providers->list, provider, "state");
    const char *color = text_equal(state, TEXT("up"))     ? "\033[32m"
                        : text_equal(state, TEXT("down")) ? "\033[31m"
                                                          : "\033[33m";

    printf("%s%-*.*s%s", providers->color ? color : "", width, TEXT_ARG(state),
           providers->color ? "\033[0m" : "");
}

/* --- a line for each
 * ----------------------------------------------------------------------------------------------
 */

static void show_share(char *out, size_t some, size_t all, const char *word)
{
    if (some == all)
        snprintf(out, SHOWN_BYTES, "%s", word);
    else
        snprintf(out, SHOWN_BYTES, "%zu of %zu %s", some, all, word);
}

/* The worst that there is, and of how many models: "closed", "1 of 3 open". */
static void show_breakers(char *out, const struct document *list, uint32_t models)
{
    size_t open = 0, trying = 0, all = document_cell(list, models)->size;

    for (uint32_t at = models + 1; at < document_next(list, models); at = document_next(list, at)) {
        open += is(list, at, "breaker", "open");
        trying += is(list, at, "breaker", "half_open");
    }
    if (all == 0)
        snprintf(out, SHOWN_BYTES, "-");
    else if (open > 0)
        show_share(out, open, all, "open");
    else if (trying > 0)
        show_share(out, trying, all, "half open");
    else
        snprintf(out, SHOWN_BYTES, "closed");
}

static bool price_known(const struct document *list, uint32_t model)
{
    uint32_t price = document_member(list, model, TEXT("price"));

    return price != CELL_NONE && document_cell(list, price)->type == CELL_OBJECT &&
           member_text(list, price, "input_usd").len > 0;
}

static void show_prices(char *out, const struct document *list, uint32_t models)
{
    size_t known = 0, all = document_cell(list, models)->size;

    for (uint32_t at = models + 1; at < document_next(list, models); at = document_next(list, at))
        known += price_known(list, at);
    if (all == 0)
        snprintf(out, SHOWN_BYTES, "-");
    else if (known == 0)
        snprintf(out, SHOWN_BYTES, "not known");
    else
        show_share(out, known, all, "known");
}

/* "2 ready, 1 cooling"; only states that some key is in. */
static void show_keys(char *out, const struct document *list, uint32_t keys)
{
    static const char *const states[] = {"ready", "cooling", "spent", "refused"};
    size_t len = 0;

    snprintf(out, SHOWN_BYTES, "none asked for");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        size_t count = 0;

        for (uint32_t at = keys + 1; at < document_next(list, keys); at = document_next(list, at))
            count += is(list, at, "state", states[i]);
        if (count > 0 && len < SHOWN_BYTES)
            len += (size_t)snprintf(out + len, SHOWN_BYTES - len, "%s%zu %s", len > 0 ? ", " : "",
                                    count, states[i]);
    }
}

/* "12.5 %"; a dash where nothing was sent to it. */
static void show_failed(char *out, const struct document *hour, uint32_t point)
{
    long long calls = point == CELL_NONE ? 0 : member_integer(hour, point, "calls");

    if (calls <= 0)
        snprintf(out, SHOWN_BYTES, "-");
    else
        snprintf(out, SHOWN_BYTES, "%.1f %%",
                 100 * (double)member_integer(hour, point, "errors") / (double)calls);
}

static void print_line(const struct providers *providers, uint32_t provider)
{
    const struct document *list = providers->list;
    uint32_t models = array_of(list, provider, "models"), keys = array_of(list, provider, "keys");
    uint32_t hour = providers_hour(providers, provider);
    char breakers[SHOWN_BYTES] = "-", prices[SHOWN_BYTES] = "-", asked[SHOWN_BYTES] = "-";
    char calls[SHOWN_BYTES] = "-", failed[SHOWN_BYTES];

    if (models != CELL_NONE) {
        show_breakers(breakers, list, models);
        show_prices(prices, list, models);
    }
    if (keys != CELL_NONE)
        show_keys(asked, list, keys);
    if (providers->hour != NULL)
        snprintf(calls, sizeof calls, "%lld",
                 hour == CELL_NONE ? 0 : member_integer(providers->hour, hour, "calls"));
    show_failed(failed, providers->hour, hour);
    printf("%-20.*s  ", TEXT_ARG(member_text(list, provider, "id")));
    print_state(providers, provider, 8);
    printf("  %-16s  %8s  %7s  %9.*s  %9.*s  %-20s  %s\n", breakers, calls, failed,
           TEXT_ARG(shown(providers->hour, hour, "p50_ms")),
           TEXT_ARG(shown(providers->hour, hour, "p95_ms")), asked, prices);
}

void providers_print_list(const struct providers *providers)
{
    uint32_t data = array_of(providers->list, 0, "data");

    if (data == CELL_NONE || document_cell(providers->list, data)->size == 0)
        return;
    printf("%-20s  %-8s  %-16s  %8s  %7s  %9s  %9s  %-20s  %s\n", "provider", "state", "breakers",
           "calls", "failed", "p50_ms", "p95_ms", "keys", "prices");
    for (uint32_t at = data + 1; at < document_next(providers->list, data);
         at = document_next(providers->list, at))
        print_line(providers, at);
}

/* --- one of them
 * ----------------------------------------------------------------------------------------------
 */

static void print_hour(const struct providers *providers, uint32_t provider)
{
    uint32_t hour = providers_hour(providers, provider);
    char failed[SHOWN_BYTES];

    if (hour == CELL_NONE) {
        printf("last hour  %s\n",
               providers->hour == NULL ? "not to be had" : "nothing was sent to it");
        return;
    }
    show_failed(failed, providers->hour, hour);
    printf("last hour  %lld sent, %lld failed (%s), p50 %.*s ms, p95 %.*s ms\n",
           member_integer(providers->hour, hour, "calls"),
           member_integer(providers->hour, hour, "errors"), failed,
           TEXT_ARG(shown(providers->hour, hour, "p50_ms")),
           TEXT_ARG(shown(providers->hour, hour, "p95_ms")));
}

static void print_rest(long long ms)
{
    if (ms > 0)
        printf(" for %lld s", (ms + 999) / 1000);
}

static void print_keys(const struct document *list, uint32_t keys)
{
    size_t number = 0;

    if (document_cell(list, keys)->size == 0)
        printf("keys       none asked for\n");
    for (uint32_t at = keys + 1; at < document_next(list, keys); at = document_next(list, at)) {
        struct text reference = member_text(list, at, "reference");

        printf("%-9s  ", number++ == 0 ? "keys" : "");
        if (reference.len > 0)
            printf("%.*s: ", TEXT_ARG(reference));
        else
            printf("number %zu: ", number);
        printf("%.*s", TEXT_ARG(member_text(list, at, "state")));
        print_rest(member_integer(list, at, "rests_ms"));
        printf("%s\n", member_flag(list, at, "used") ? ", used" : ", not used yet");
    }
}

/* Nine places are for machines; people get two, unless there is more to see below them. */
static struct text price_of(const struct document *list, uint32_t model, const char *name)
{
    uint32_t price = document_member(list, model, TEXT("price"));
    struct text usd = shown(list, price_known(list, model) ? price : CELL_NONE, name);

    while (usd.len > 3 && usd.at[usd.len - 1] == '0' && usd.at[usd.len - 3] != '.')
        usd.len--;
    return usd;
}

static void print_users(const struct document *list, uint32_t model)
{
    uint32_t users = array_of(list, model, "endpoints");
    long long all = member_integer(list, model, "endpoint_count"), printed = 0;

    if (users == CELL_NONE || all == 0) {
        printf("no endpoint\n");
        return;
    }
    for (uint32_t at = users + 1; at < document_next(list, users); at = document_next(list, at))
        printf("%s%.*s", printed++ > 0 ? ", " : "", TEXT_ARG(document_text(list, at)));
    if (all > printed)
        printf(" and %lld more", all - printed);
    printf("\n");
}

static void print_model(const struct document *list, uint32_t model)
{
    struct text name = member_text(list, model, "model");
    struct text breaker = member_text(list, model, "breaker");

    if (text_equal(breaker, TEXT("half_open")))
        breaker = TEXT("half open");
    else if (text_equal(breaker, TEXT("closed")) && member_integer(list, model, "rests_ms") > 0)
        breaker = TEXT("rests");
    printf("%-28.*s  %-9.*s  %9.*s  %9.*s  %9.*s  %10.*s  ",
           TEXT_ARG(text_equal(name, TEXT("*")) ? TEXT("(models by name)") : name),
           TEXT_ARG(breaker), TEXT_ARG(shown(list, model, "p50_ms")),
           TEXT_ARG(shown(list, model, "p95_ms")), TEXT_ARG(price_of(list, model, "input_usd")),
           TEXT_ARG(price_of(list, model, "output_usd")));
    print_users(list, model);
}

static void print_models(const struct document *list, uint32_t provider, uint32_t models)
{
    long long all = member_integer(list, provider, "model_count");
    size_t count = document_cell(list, models)->size;

    if (count == 0) {
        printf("models     nothing has used it since the server began, and no endpoint names it\n");
        return;
    }
    printf("\n%-28s  %-9s  %9s  %9s  %9s  %10s  %s\n", "model", "breaker", "p50_ms", "p95_ms",
           "input_usd", "output_usd", "used by");
    for (uint32_t at = models + 1; at < document_next(list, models); at = document_next(list, at))
        print_model(list, at);
    if (all > (long long)count)
        printf("and %lld more models\n", all - (long long)count);
}

void providers_print_one(const struct providers *providers, uint32_t provider)
{
    const struct document *list = providers->list;
    uint32_t models = array_of(list, provider, "models"), keys = array_of(list, provider, "keys");
    struct text origin = member_text(list, provider, "origin");

    printf("provider   %.*s\nkind       %.*s%s\n", TEXT_ARG(member_text(list, provider, "id")),
           TEXT_ARG(member_text(list, provider, "kind")),
           member_flag(list, provider, "stands_in") ? ", answered by the built-in demo" : "");
    if (origin.len > 0)
        printf("origin     %.*s\n", TEXT_ARG(origin));
    printf("state      ");
    print_state(providers, provider, 0);
    printf("\n");
    print_hour(providers, provider);
    if (keys != CELL_NONE)
        print_keys(list, keys);
    if (models != CELL_NONE)
        print_models(list, provider, models);
}
