#include "telemetry/names.h"

#include "base/check.h"

static const struct {
    const char *word, *latest;
    enum telemetry_type type;
} names[NAME_COUNT] = {
#define X(name, word, latest, type) [NAME_##name] = {word, latest, VALUE_##type},
    TELEMETRY_NAMES(X)
#undef X
};

enum telemetry_type telemetry_type(enum telemetry_name name)
{
    CHECK(name > NAME_NONE && name < NAME_COUNT);
    return names[name].type;
}

const char *telemetry_word(enum telemetry_name name, bool latest)
{
    CHECK(name > NAME_NONE && name < NAME_COUNT);
    return latest && names[name].latest != NULL ? names[name].latest : names[name].word;
}

const char *telemetry_vendor(const char *kind)
{
    static const struct {
        const char *kind, *word;
    } words[] = {{"azure", "azure.ai.openai"},
                 {"gemini", "gcp.gemini"},
                 {"gemini-openapi", "gcp.gemini"},
                 {"mistral", "mistral_ai"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].kind, kind) == 0)
            return words[i].word;
    return kind;
}

static const struct instrument instruments[INSTRUMENT_COUNT] = {
#define X(id, scale, name, unit, about, ...)                                                       \
    [INSTRUMENT_##id] = {SCALE_##scale, name, unit, about, {__VA_ARGS__}},
    INSTRUMENTS(X)
#undef X
};

const struct instrument *instrument_of(enum instrument_id id)
{
    CHECK(id < INSTRUMENT_COUNT);
    return &instruments[id];
}

/* 4^0 to 4^13, and 0.01 s to 81.92 s, each twice the one before. */
static const uint64_t tokens[] = {1,     4,      16,      64,      256,      1024,     4096, 16384,
                                  65536, 262144, 1048576, 4194304, 16777216, 67108864, 0};
static const uint64_t seconds_us[] = {10000,    20000,    40000,    80000,    160000,
                                      320000,   640000,   1280000,  2560000,  5120000,
                                      10240000, 20480000, 40960000, 81920000, 0};

static const uint64_t tool_seconds_us[] = {10000,    20000,    50000,     100000,    200000,
                                           500000,   1000000,  2000000,   5000000,   10000000,
                                           30000000, 60000000, 120000000, 300000000, 0};

#define BOUNDS_SUM          NULL
#define BOUNDS_TOKENS       tokens
#define BOUNDS_SECONDS      seconds_us
#define BOUNDS_TOOL_SECONDS tool_seconds_us
#define COUNT_OF(...)       (sizeof((enum telemetry_name[]){__VA_ARGS__}) / sizeof(enum telemetry_name))

const struct series_kind *instrument_kinds(void)
{
    static const struct series_kind kinds[INSTRUMENT_COUNT] = {
#define X(id, scale, name, unit, about, ...)                                                       \
    [INSTRUMENT_##id] = {.label_count = COUNT_OF(__VA_ARGS__), .bounds = BOUNDS_##scale},
        INSTRUMENTS(X)
#undef X
    };

    return kinds;
}
