#include "webhook/webhook.h"

#include "base/check.h"

static const char *const words[] = {
#define X(name, word, usual) [WEBHOOK_##name] = word,
    WEBHOOK_EVENTS(X)
#undef X
};

static const unsigned usual_events = 0
#define X(name, word, usual) | ((usual) ? 1u << WEBHOOK_##name : 0)
    WEBHOOK_EVENTS(X)
#undef X
    ;

/* Events of the log, by name, that are told to receivers: at this level, or a higher one. A name
 * that ends in '.' stands for all that begin so. */
static const struct row {
    const char *name;
    enum log_level least;
    enum webhook_event event;
} rows[] = {
    {"budget", LOG_WARN, WEBHOOK_BUDGET},
    {"note", LOG_INFO, WEBHOOK_ANOMALY},
    {"canary", LOG_WARN, WEBHOOK_CANARY},
    {"breaker", LOG_INFO, WEBHOOK_BREAKER},
    {"provider_key", LOG_INFO, WEBHOOK_PROVIDER_KEY},
    {"reload", LOG_WARN, WEBHOOK_RELOAD},
    {"rollback", LOG_WARN, WEBHOOK_ROLLBACK},
    {"storage", LOG_WARN, WEBHOOK_STORAGE},
    {"ledger", LOG_ERROR, WEBHOOK_STORAGE},
    {"history", LOG_ERROR, WEBHOOK_STORAGE},
    {"audit.lost", LOG_ERROR, WEBHOOK_STORAGE},
    {"start", LOG_INFO, WEBHOOK_PROCESS},
    {"stop", LOG_INFO, WEBHOOK_PROCESS},
    {"audit.", LOG_INFO, WEBHOOK_AUDIT},
};

const char *webhook_event_word(enum webhook_event event)
{
    CHECK(event < WEBHOOK_EVENT_COUNT);
    return words[event];
}

unsigned webhook_usual_events(void)
{
    return usual_events;
}

enum webhook_event webhook_event_of(enum log_level level, const char *event)
{
    struct text name = text_of(event);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text row = text_of(rows[i].name);
        bool found = text_ends(row, TEXT(".")) ? text_starts(name, row) : text_equal(name, row);

        if (found && level >= rows[i].least)
            return rows[i].event;
    }
    return WEBHOOK_EVENT_COUNT;
}
