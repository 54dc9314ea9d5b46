#include "unit.h"

#include "telemetry/otlp.h"

static const struct text call[] = {TEXT_INIT("chat"), TEXT_INIT("openai"), TEXT_INIT("m\"1"),
                                   TEXT_INIT("h"),    TEXT_INIT("443"),    TEXT_INIT("")};

/* What is written of one instrument, without what stands around all of them. */
static struct text written(struct series_set *set, struct arena *arena, bool latest)
{
    struct buffer out = buffer_in(arena);
    struct series_totals totals;
    struct text text;
    size_t at;

    series_collect(set, &totals);
    otlp_put_metrics(&out, &(struct otlp_source){.latest = latest}, &totals, OTLP_CUMULATIVE,
                     INT64_C(1795680000000001), INT64_C(1795680060000000));
    arena_release(&totals.arena);
    text = buffer_text(&out);
    at = text_find(text, TEXT("\"metrics\":[")) + 11;
    return text_between(text.at + at, text.at + text.len - 6);
}

TEST(a_counter_is_written_to_the_letter)
{
    struct series_set *set = series_set_new(instrument_kinds(), INSTRUMENT_COUNT, 10);
    struct series_shard *shard = series_shard_new(set);
    struct arena arena = {0};

    series_add(shard, INSTRUMENT_USED_INPUT, call, 24);
    series_add(shard, INSTRUMENT_USED_INPUT, call, 0);
    EXPECT_TEXT(written(set, &arena, true),
                "{\"name\":\"gen_ai.client.inference.usage.input_tokens\","
                "\"description\":\"Number of input tokens used, cached ones included.\","
                "\"unit\":\"{token}\",\"sum\":{\"aggregationTemporality\":2,\"isMonotonic\":true,"
                "\"dataPoints\":[{\"attributes\":["
                "{\"key\":\"gen_ai.operation.name\",\"value\":{\"stringValue\":\"chat\"}},"
                "{\"key\":\"gen_ai.provider.name\",\"value\":{\"stringValue\":\"openai\"}},"
                "{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"m\\\"1\"}},"
                "{\"key\":\"server.address\",\"value\":{\"stringValue\":\"h\"}},"
                "{\"key\":\"server.port\",\"value\":{\"intValue\":\"443\"}}],"
                "\"startTimeUnixNano\":\"1795680000000001000\","
                "\"timeUnixNano\":\"1795680060000000000\",\"asInt\":\"24\"}]}}");
    series_set_free(set);
    arena_release(&arena);
}

TEST(a_histogram_has_the_buckets_of_the_conventions)
{
    struct series_set *set = series_set_new(instrument_kinds(), INSTRUMENT_COUNT, 10);
    struct series_shard *shard = series_shard_new(set);
    struct arena arena = {0};
    struct text text;

    series_observe(shard, INSTRUMENT_OPERATION_DURATION, call, 10000); /* as much as a bound */
    series_observe(shard, INSTRUMENT_OPERATION_DURATION, call, 10001);
    series_observe(shard, INSTRUMENT_OPERATION_DURATION, call, 81920001);
    text = written(set, &arena, false);
    EXPECT(text_find(text, TEXT("\"bucketCounts\":[\"1\",\"1\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\","
                                "\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"1\"],"
                                "\"explicitBounds\":[0.01,0.02,0.04,0.08,0.16,0.32,0.64,1.28,2.56,"
                                "5.12,10.24,20.48,40.96,81.92],"
                                "\"count\":\"3\",\"sum\":81.940002}")) < text.len);
    series_observe(shard, INSTRUMENT_TOKEN_USAGE, call, 67108865);
    text = written(set, &arena, false);
    EXPECT(text_find(text, TEXT("\"explicitBounds\":[1,4,16,64,256,1024,4096,16384,65536,262144,"
                                "1048576,4194304,16777216,67108864],"
                                "\"count\":\"1\",\"sum\":67108865}")) < text.len);
    series_set_free(set);
    arena_release(&arena);
}

TEST(what_exceeds_the_cap_has_no_attribute_but_that)
{
    struct series_set *set = series_set_new(instrument_kinds(), INSTRUMENT_COUNT, 1);
    struct series_shard *shard = series_shard_new(set);
    const struct text other[] = {TEXT("chat"), TEXT("x"),  TEXT("y"),
                                 TEXT("z"),    TEXT("80"), TEXT("")};
    struct arena arena = {0};
    struct text text;

    series_add(shard, INSTRUMENT_USED_OUTPUT, call, 1);
    series_add(shard, INSTRUMENT_USED_OUTPUT, other, 2);
    text = written(set, &arena, true);
    EXPECT(text_find(text, TEXT("{\"attributes\":[{\"key\":\"otel.metric.overflow\",\"value\":"
                                "{\"boolValue\":true}}],")) < text.len);
    EXPECT(text_find(text, TEXT("\"asInt\":\"2\"")) < text.len);
    series_set_free(set);
    arena_release(&arena);
}

TEST(an_instrument_tells_no_more_than_a_series_can)
{
    for (size_t id = 0; id < INSTRUMENT_COUNT; id++) {
        const struct series_kind *kind = &instrument_kinds()[id];
        size_t bounds = 0;

        EXPECT(kind->label_count > 0 && kind->label_count <= SERIES_LABELS_MAX);
        for (size_t i = 0; i < kind->label_count; i++)
            EXPECT(instrument_of((enum instrument_id)id)->attributes[i] != NAME_NONE);
        while (kind->bounds != NULL && kind->bounds[bounds] != 0)
            bounds++;
        EXPECT(bounds <= SERIES_BOUNDS_MAX);
    }
}
