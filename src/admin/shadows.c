/* Copies of answered calls, on the admin listener: how another target, or another endpoint, would
 * have answered. All of it is in memory, since the process began or the endpoint's `shadow`
 * changed. */
#include "gateway/shadows.h"
#include "admin/admin.h"
#include "admin/list.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/paths.h"

/* Of the shadows to the answered; null where nothing was compared. */
static void put_ratio(struct buffer *out, const char *name, const uint64_t sums[2])
{
    json_put_name(out, name);
    if (sums[0] > 0)
        buffer_printf(out, "%.3f", (double)sums[1] / (double)sums[0]);
    else
        buffer_put(out, TEXT("null"));
}

static void put_odd(struct buffer *out, const struct tally *tally)
{
    uint64_t first = tally->odd_count > TALLY_KEPT ? tally->odd_count - TALLY_KEPT : 0;
    char when[CLOCK_RFC3339_BYTES];

    json_put_name(out, "disagreements");
    buffer_put_byte(out, '[');
    for (uint64_t i = tally->odd_count; i > first; i--) {
        const struct tally_odd *odd = &tally->odd[(i - 1) % TALLY_KEPT];

        buffer_put(out, i == tally->odd_count ? TEXT("{") : TEXT(",{"));
        json_put_text(out, "at", clock_rfc3339(odd->wall_ms, when));
        json_put_text(out, "result", text_of(tally_word(odd->result)));
        json_put_text(out, "request_id", (struct text){odd->id, odd->id_len});
        json_put_text(out, "shadow_id", (struct text){odd->shadow_id, odd->shadow_id_len});
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, ']');
}

static void put_tally(struct buffer *out, const struct tally *tally)
{
    double agreement = tally_agreement(tally);

    json_put_name(out, "results");
    buffer_put_byte(out, '{');
    for (unsigned i = 0; i < TALLY_RESULT_COUNT; i++)
        json_put_count(out, tally_word((enum tally_result)i), tally->results[i]);
    buffer_put_byte(out, '}');
    json_put_count(out, "compared", tally->timed);
    json_put_name(out, "agreement");
    if (agreement >= 0)
        buffer_printf(out, "%.4f", agreement);
    else
        buffer_put(out, TEXT("null"));
    put_ratio(out, "cost_ratio", tally->cost_nano);
    put_ratio(out, "latency_ratio", tally->duration_us);
    put_ratio(out, "token_ratio", tally->tokens);
    put_odd(out, tally);
}

static void put_shadow(struct buffer *out, struct request *request, const struct endpoint *endpoint)
{
    const struct shadow_rule *shadow = endpoint->shadow;
    struct tally *tally = ARENA_NEW(&request->arena, struct tally);
    uint32_t running;

    shadow_look(request->lease->shared->shadows.items[shadow->index], tally, &running);
    buffer_put_byte(out, '{');
    json_put_text(out, "endpoint", endpoint->slug);
    if (shadow->candidate.len > 0)
        json_put_text(out, "candidate", shadow->candidate);
    json_put_text(out, "provider", shadow->endpoint->target.provider->name);
    json_put_text(out, "model", shadow->endpoint->target.model);
    json_put_name(out, "percent");
    buffer_printf(out, "%.6g", shadow->share / 100.0);
    json_put_usd(out, "daily_usd", shadow->endpoint->budget.limits[PERIOD_DAY]);
    json_put_count(out, "max_concurrent", shadow->max_concurrent);
    json_put_count(out, "running", running);
    put_tally(out, tally);
    buffer_put_byte(out, '}');
}

void admin_list_shadows(struct request *request, struct text none)
{
    const struct config *config = request->config;
    struct admin_list_order order;
    struct admin_list list;
    bool more = false;

    (void)none;
    if (!admin_list_read(request, &order))
        return;
    admin_list_begin(&list, &request->arena);
    for (size_t i = 0; i < config->endpoint_count && !more; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        if (endpoint->shadow == NULL ||
            (order.endpoint.len > 0 && !text_equal(endpoint->slug, order.endpoint)) ||
            (order.after.len > 0 && text_compare(endpoint->slug, order.after) <= 0))
            continue;
        more = list.count == order.limit;
        if (!more)
            put_shadow(admin_list_add(&list, endpoint->slug), request, endpoint);
    }
    request_reply(request, 200, TEXT("application/json"), admin_list_end(&list, more));
}
