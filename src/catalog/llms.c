/* llms.txt: what models are told first, and where there is more (llmstxt.org). */
#include "catalog/catalog.h"
#include "catalog/contract.h"

static const char general_part[] =
    "# Endpoints of this gateway\n\n"
    "> Each endpoint is a prompt and a model behind a fixed contract: `POST /{slug}` with a JSON "
    "body, a checked answer back, or an error that says exactly why.\n\n"
    "Every call carries a token: `Authorization: Bearer pin_live_...`. Which endpoints there are "
    "depends on it: ask for this page, `/openapi.json` and `/docs/{slug}.md` with the token.\n\n"
    "- The body is `{\"message\": \"...\"}`, `{\"messages\": [...]}`, `{\"input\": ...}`, or the "
    "input itself where it is an object.\n"
    "- An answer is `{\"ok\": true, \"content\", \"output\", \"usage\", \"meta\"}`; `output` fits "
    "the endpoint's output schema.\n"
    "- An error is `{\"ok\": false, \"error\": {\"code\", \"message\", \"hint\", \"details\"}}`. "
    "`x-should-retry` and `Retry-After` say whether and when another try may help.\n"
    "- `/v1/chat/completions`, `/v1/responses` and `/v1/messages` take an endpoint's slug as "
    "`model`, for the clients of those APIs.\n";

static void put_endpoint(const struct catalog *catalog, const struct endpoint *endpoint,
                         struct buffer *out)
{
    struct arena scratch = {0};
    struct text about = contract_line(endpoint->description, &scratch);

    buffer_printf(out, "- [%.*s](%.*s/docs/%.*s.md)", TEXT_ARG(endpoint->slug),
                  TEXT_ARG(catalog->origin), TEXT_ARG(endpoint->slug));
    if (about.len > 0)
        buffer_put(out, TEXT(": "));
    buffer_put(out, about);
    buffer_put_byte(out, '\n');
    arena_release(&scratch);
}

void catalog_put_llms(const struct catalog *catalog, bool general, struct buffer *out)
{
    const struct config *config = catalog->config;
    size_t shown = 0;

    buffer_put(out, text_of(general_part));
    if (!general)
        buffer_put(out, TEXT("\n## Endpoints\n\n"));
    for (size_t i = 0; !general && i < config->endpoint_count; i++) {
        if (!catalog_shows(catalog, &config->endpoints[i]))
            continue;
        put_endpoint(catalog, &config->endpoints[i], out);
        shown++;
    }
    if (!general && shown == 0)
        buffer_put(out, TEXT("This token may call none.\n"));
    buffer_printf(out,
                  "\n## Optional\n\n- [OpenAPI](%.*s/openapi.json): the same as an OpenAPI 3.1 "
                  "document\n- [Errors](%.*s/docs/errors): every code, what it means and what to "
                  "do\n",
                  TEXT_ARG(catalog->origin), TEXT_ARG(catalog->origin));
}
