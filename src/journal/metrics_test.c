#include "unit.h"

#include "journal/metrics.h"

#include <pthread.h>
#include <stdio.h>

static bool contains(const struct buffer *out, const char *line)
{
    return text_find(buffer_text(out), text_of(line)) < out->len;
}

TEST(counts_of_all_shards_are_added_up)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    struct series_shard *one = metrics_shard(metrics), *two = metrics_shard(metrics);
    const struct text labels[] = {TEXT("sum\"up"), TEXT("200"), TEXT("")};
    struct buffer out = {0};

    metric_add(one, METRIC_REQUESTS, labels, 2);
    metric_add(two, METRIC_REQUESTS, labels, 3);
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "# TYPE pinion_requests_total counter\n"));
    EXPECT(contains(&out,
                    "pinion_requests_total{endpoint=\"sum\\\"up\",status=\"200\",code=\"\"} 5\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(a_histogram_counts_cumulatively)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    struct series_shard *shard = metrics_shard(metrics);
    const struct text labels[] = {TEXT("s")};
    struct buffer out = {0};

    metric_observe_us(shard, METRIC_OVERHEAD, labels, 50);
    metric_observe_us(shard, METRIC_OVERHEAD, labels, 51);
    metric_observe_us(shard, METRIC_OVERHEAD, labels, 5000000);
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "pinion_overhead_seconds_bucket{endpoint=\"s\",le=\"5e-05\"} 1\n"));
    EXPECT(contains(&out, "pinion_overhead_seconds_bucket{endpoint=\"s\",le=\"0.0001\"} 2\n"));
    EXPECT(contains(&out, "pinion_overhead_seconds_bucket{endpoint=\"s\",le=\"+Inf\"} 3\n"));
    EXPECT(contains(&out, "pinion_overhead_seconds_count{endpoint=\"s\"} 3\n"));
    EXPECT(contains(&out, "pinion_overhead_seconds_sum{endpoint=\"s\"} 5.000101\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(money_is_written_exactly)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    const struct text labels[] = {TEXT("s"), TEXT("p"), TEXT("m")};
    struct buffer out = {0};

    metric_add(metrics_shard(metrics), METRIC_COST, labels, 1000000001);
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "pinion_cost_usd_total{endpoint=\"s\",provider=\"p\",model=\"m\"} "
                          "1.000000001\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(series_beyond_the_cap_are_counted_together)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    struct series_shard *shard = metrics_shard(metrics);
    struct buffer out = {0};

    for (int i = 0; i < METRIC_SERIES_MAX + 10; i++) {
        char name[16];
        struct text labels[1];

        snprintf(name, sizeof name, "e%d", i);
        labels[0] = text_of(name);
        metric_add(shard, METRIC_CLIENT_RETRIES, labels, 1);
    }
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "pinion_client_retries_total{endpoint=\"e1999\"} 1\n"));
    EXPECT(contains(&out, "pinion_client_retries_total{endpoint=\"other\"} 10\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(the_cap_is_one_for_all_shards)
{
    struct metrics *metrics = metrics_new(2);
    struct series_shard *one = metrics_shard(metrics), *two = metrics_shard(metrics);
    const struct text a[] = {TEXT("a")}, b[] = {TEXT("b")}, c[] = {TEXT("c")};
    struct buffer out = {0};

    metric_add(one, METRIC_CLIENT_RETRIES, a, 1);
    metric_add(two, METRIC_CLIENT_RETRIES, b, 1);
    metric_add(two, METRIC_CLIENT_RETRIES, c, 1);
    metric_add(two, METRIC_CLIENT_RETRIES, a, 1); /* known, though not to this shard */
    metric_add(one, METRIC_CLIENT_RETRIES, c, 1);
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "pinion_client_retries_total{endpoint=\"a\"} 2\n"));
    EXPECT(contains(&out, "pinion_client_retries_total{endpoint=\"b\"} 1\n"));
    EXPECT(contains(&out, "pinion_client_retries_total{endpoint=\"other\"} 2\n"));
    EXPECT(!contains(&out, "endpoint=\"c\""));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(a_level_goes_up_and_down)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    struct series_shard *one = metrics_shard(metrics), *two = metrics_shard(metrics);
    const struct text labels[] = {TEXT("s")};
    struct series *first = level_enter(one, METRIC_INFLIGHT, labels);
    struct buffer out = {0};

    level_enter(two, METRIC_INFLIGHT, labels);
    level_leave(first);
    level_leave(NULL);
    metrics_write(metrics, METRICS_TEXT, &out);
    EXPECT(contains(&out, "# TYPE pinion_inflight_requests gauge\n"
                          "pinion_inflight_requests{endpoint=\"s\"} 1\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(openmetrics_names_families_units_and_the_end)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    struct series_shard *shard = metrics_shard(metrics);
    const struct text cost[] = {TEXT("s"), TEXT("p"), TEXT("m")}, took[] = {TEXT("s"), TEXT("ok")};
    struct buffer out = {0};

    metric_add(shard, METRIC_COST, cost, 1);
    metric_observe_us(shard, METRIC_REQUEST_DURATION, took, 900000);
    metrics_write(metrics, METRICS_OPENMETRICS, &out);
    reading_put_alone(&out, METRICS_OPENMETRICS, READING_CPU_SECONDS, 0.5);
    metrics_end(&out, METRICS_OPENMETRICS);
    EXPECT(contains(&out, "# TYPE pinion_cost_usd counter\n# UNIT pinion_cost_usd usd\n"
                          "pinion_cost_usd_total{"));
    EXPECT(contains(&out, "outcome=\"ok\",le=\"1.0\"} 1\n"));
    EXPECT(contains(&out, "# UNIT process_cpu_seconds seconds\nprocess_cpu_seconds_total 0.5\n"));
    EXPECT(text_ends(buffer_text(&out), TEXT("\n# EOF\n")));
    buffer_release(&out);
    metrics_free(metrics);
}

TEST(a_scraper_gets_the_form_that_it_likes_best)
{
    static const struct {
        const char *accept;
        enum metrics_form form;
    } rows[] = {
        {"", METRICS_TEXT},
        {"*/*", METRICS_TEXT},
        {"application/openmetrics-text", METRICS_OPENMETRICS},
        {"Application/OpenMetrics-Text; version=1.0.0; charset=utf-8;q=0.5,text/plain;q=0.25",
         METRICS_OPENMETRICS},
        {"text/plain, application/openmetrics-text;q=0.999", METRICS_TEXT},
        {"application/openmetrics-text;q=0", METRICS_TEXT},
        {"application/openmetrics-text;q=1.0001", METRICS_TEXT},
        {"application/openmetrics-text;q=", METRICS_TEXT},
        {"application/openmetrics-text;q=x,,;;,", METRICS_TEXT},
        {",;=;,application/openmetrics-text ; q = 1.000", METRICS_OPENMETRICS},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_EQ(metrics_form_of(text_of(rows[i].accept)), rows[i].form);
}

enum { ROUNDS = 20000 };
static void *count_many(void *shard)
{
    for (int i = 0; i < ROUNDS; i++) {
        char name[16];
        struct text labels[1];

        snprintf(name, sizeof name, "e%d", i % 300);
        labels[0] = text_of(name);
        metric_add(shard, METRIC_CLIENT_RETRIES, labels, 1);
    }
    return NULL;
}

TEST(a_scrape_may_run_while_others_count)
{
    struct metrics *metrics = metrics_new(METRIC_SERIES_MAX);
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, count_many, metrics_shard(metrics));
    for (int i = 0; i < 20; i++) {
        struct buffer out = {0};

        metrics_write(metrics, METRICS_TEXT, &out);
        buffer_release(&out);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    metrics_free(metrics);
}
