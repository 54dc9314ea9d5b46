#include "unit.h"

#include "telemetry/otlp.h"

static struct trace_context trace_of(void)
{
    struct trace_context trace = {0};

    EXPECT(
        trace_parent_read(TEXT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), &trace));
    memcpy(trace.span_id, "\x01\x23\x45\x67\x89\xab\xcd\xef", SPAN_ID_BYTES);
    return trace;
}

static struct span begin(enum span_kind kind, const char *name)
{
    struct trace_context trace = trace_of();
    struct span span;

    span_init(&span, &trace, kind, text_of(name));
    memcpy(span.span_id, trace.span_id, sizeof span.span_id);
    span.start_us = INT64_C(1795680000000001);
    span.end_us = INT64_C(1795680000250000);
    return span;
}

/* What is written of one span, without what stands around all of them. */
static struct text written(struct arena *arena, const struct span *span)
{
    struct buffer out = buffer_in(arena);
    struct text text;
    size_t at;

    otlp_put_spans(&out, &(struct otlp_source){0}, span, 1);
    text = buffer_text(&out);
    at = text_find(text, TEXT("\"spans\":[")) + 9;
    return text_between(text.at + at, text.at + text.len - 6);
}

TEST(an_export_is_written_to_the_letter)
{
    const struct otlp_attribute resource[] = {{TEXT("service.name"), TEXT("pinion")},
                                              {TEXT("a\"b"), TEXT("c")}};
    struct trace_context trace = trace_of();
    struct span spans[2] = {begin(SPAN_KIND_SERVER, "POST /{slug}"),
                            begin(SPAN_KIND_CLIENT, "chat m")};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);

    memcpy(spans[0].parent_id, trace.parent_id, SPAN_ID_BYTES);
    spans[0].remote = true;
    span_put(&spans[0], NAME_HTTP_METHOD, TEXT("POST"));
    span_put_integer(&spans[0], NAME_HTTP_STATUS, 200);
    spans[1].failed = true;
    otlp_put_spans(&out, &(struct otlp_source){.attributes = resource, .count = 2}, spans, 2);
    EXPECT_TEXT(
        buffer_text(&out),
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":["
        "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"pinion\"}},"
        "{\"key\":\"a\\\"b\",\"value\":{\"stringValue\":\"c\"}}]},"
        "\"scopeSpans\":[{\"scope\":{\"name\":\"pinion\",\"version\":\"" PINION_VERSION
        "\"},\"spans\":["
        "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"0123456789abcdef\","
        "\"parentSpanId\":\"b7ad6b7169203331\",\"flags\":769,\"name\":\"POST /{slug}\",\"kind\":2,"
        "\"startTimeUnixNano\":\"1795680000000001000\",\"endTimeUnixNano\":\"1795680000250000000\","
        "\"attributes\":[{\"key\":\"http.request.method\",\"value\":{\"stringValue\":\"POST\"}},"
        "{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\"200\"}}],\"status\":{}},"
        "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"0123456789abcdef\","
        "\"flags\":257,\"name\":\"chat m\",\"kind\":3,"
        "\"startTimeUnixNano\":\"1795680000000001000\",\"endTimeUnixNano\":\"1795680000250000000\","
        "\"attributes\":[],\"status\":{\"code\":2}}]}]}]}");
    arena_release(&arena);
}

TEST(each_type_of_value_has_its_own_form)
{
    struct span span = begin(SPAN_KIND_CLIENT, "x");
    struct arena arena = {0};
    struct text text;

    span_put(&span, NAME_MODEL, TEXT("m\n\"1\""));
    span_put(&span, NAME_TEMPERATURE, TEXT("0.7"));
    span_put_integer(&span, NAME_SEED, INT64_MIN);
    span_put_integer(&span, NAME_ATTEMPTS, 0);
    span_put(&span, NAME_STREAM, TEXT("true"));
    span_put(&span, NAME_STOP, TEXT("[\"a\",\"\\u00e4\"]"));
    text = written(&arena, &span);
    EXPECT(text_find(text, TEXT("{\"stringValue\":\"m\\n\\\"1\\\"\"}")) < text.len);
    EXPECT(text_find(text, TEXT("{\"doubleValue\":0.7}")) < text.len);
    EXPECT(text_find(text, TEXT("{\"intValue\":\"-9223372036854775808\"}")) < text.len);
    EXPECT(text_find(text, TEXT("{\"intValue\":\"0\"}")) < text.len);
    EXPECT(text_find(text, TEXT("{\"boolValue\":true}")) < text.len);
    EXPECT(text_find(text, TEXT("{\"arrayValue\":{\"values\":[{\"stringValue\":\"a\"},"
                                "{\"stringValue\":\"\xC3\xA4\"}]}}")) < text.len);
    arena_release(&arena);
}

TEST(what_cannot_be_said_is_left_out_and_counted)
{
    struct span span = begin(SPAN_KIND_CLIENT, "x\xFFy");
    struct arena arena = {0};
    struct text text;

    span_put(&span, NAME_SERVER_ADDRESS, TEXT("\xC3("));
    span_put(&span, NAME_SEED, TEXT("1.5"));
    span_put(&span, NAME_MAX_TOKENS, TEXT("9223372036854775808"));
    span_put(&span, NAME_STOP, TEXT("[\"a\",[1]]"));
    span_put(&span, NAME_OUTPUT_TYPE, TEXT("json"));
    span_put(&span, NAME_RESPONSE_ID, TEXT(""));
    text = written(&arena, &span);
    EXPECT(text_find(text, TEXT("\"name\":\"x\",")) < text.len);
    EXPECT(text_find(text, TEXT("\"attributes\":[{\"key\":\"gen_ai.output.type\",\"value\":"
                                "{\"stringValue\":\"json\"}}],\"droppedAttributesCount\":4,")) <
           text.len);
    arena_release(&arena);
}

TEST(some_names_are_others_lately)
{
    struct span span = begin(SPAN_KIND_CLIENT, "x");
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);

    span_put_integer(&span, NAME_CACHE_WRITE_TOKENS, 3);
    EXPECT(text_find(written(&arena, &span), TEXT("gen_ai.usage.cache_creation.input_tokens")) <
           written(&arena, &span).len);
    otlp_put_spans(&out, &(struct otlp_source){.latest = true}, &span, 1);
    EXPECT(text_find(buffer_text(&out), TEXT("gen_ai.usage.cache_write.input_tokens")) < out.len);
    arena_release(&arena);
}

TEST(a_span_may_be_linked_to_another)
{
    struct span span = begin(SPAN_KIND_SERVER, "tools/call x");
    struct arena arena = {0};
    struct text text = written(&arena, &span);

    EXPECT(text_find(text, TEXT("\"links\"")) == text.len);
    span.linked = true;
    span.link_flags = 1;
    memset(span.link_trace_id, 0xAB, sizeof span.link_trace_id);
    memset(span.link_span_id, 0xCD, sizeof span.link_span_id);
    text = written(&arena, &span);
    EXPECT(text_find(text, TEXT("\"links\":[{\"traceId\":\"abababababababababababababababab\","
                                "\"spanId\":\"cdcdcdcdcdcdcdcd\",\"flags\":769}],"
                                "\"status\"")) < text.len);
    arena_release(&arena);
}

TEST(a_span_has_bounds)
{
    struct span span = begin(SPAN_KIND_CLIENT, "x");
    struct text rest, value;
    enum telemetry_name name;
    char many[1000];
    size_t count = 0;

    memset(many, 'a', sizeof many);
    span_put(&span, NAME_STOP, (struct text){many, sizeof many}); /* a part of JSON is none */
    EXPECT_EQ(span.dropped, 1);
    for (int i = 0; i < 100; i++)
        span_put(&span, NAME_MODEL, (struct text){many, sizeof many});
    rest = (struct text){span.attributes, span.used};
    for (; span_next(&rest, &name, &value); count++)
        EXPECT(name == NAME_MODEL && value.len == SPAN_VALUE_MAX);
    EXPECT_EQ(count, SPAN_BYTES / (SPAN_VALUE_MAX + 3));
    EXPECT_EQ(span.dropped, 101 - count);
    span_init(&span, &(struct trace_context){0}, SPAN_KIND_SERVER,
              (struct text){many, sizeof many});
    EXPECT_EQ(span.name_len, SPAN_NAME_MAX);
}

TEST(a_receiver_says_what_it_refused)
{
    EXPECT_EQ(otlp_rejected(TEXT(""), "rejectedSpans"), 0);
    EXPECT_EQ(otlp_rejected(TEXT("{}"), "rejectedSpans"), 0);
    EXPECT_EQ(
        otlp_rejected(TEXT("{\"partialSuccess\":{\"rejectedSpans\":\"3\"}}"), "rejectedSpans"), 3);
    EXPECT_EQ(otlp_rejected(TEXT("{\"partialSuccess\":{\"rejectedSpans\":4}}"), "rejectedSpans"),
              4);
    EXPECT_EQ(otlp_rejected(TEXT("{\"partialSuccess\":{\"rejectedSpans\":-4}}"), "rejectedSpans"),
              0);
    EXPECT_EQ(
        otlp_rejected(TEXT("{\"partialSuccess\":{\"rejectedSpans\":\"x\"}}"), "rejectedSpans"), 0);
    EXPECT_EQ(otlp_rejected(TEXT("{\"partialSuccess\":[1]}"), "rejectedSpans"), 0);
    EXPECT_EQ(otlp_rejected(TEXT("{\"partialSuccess\":{\"rejectedDataPoints\":\"3\"}}"),
                            "rejectedDataPoints"),
              3);
    EXPECT_EQ(otlp_rejected(TEXT("[]"), "rejectedSpans"), 0);
    EXPECT_EQ(otlp_rejected(TEXT("<html>"), "rejectedSpans"), 0);
}
