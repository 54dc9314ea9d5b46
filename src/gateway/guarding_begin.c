/* Where guardrails begin: whether any hold for the call, and what they are together. */
#include "base/check.h"
#include "gateway/guarding.h"
#include "gateway/stages.h"

#include <openssl/hmac.h>

/* Turns of a session find the placeholders of those before them, whatever else each of them says.
 */
static void key_masks(struct request *request, struct guard_masks *masks)
{
    const unsigned char *key = request->worker->gateway->token_key.bytes;
    struct text scope =
        arena_printf(&request->arena, "placeholders %.*s %.*s", TEXT_ARG(request->token->id),
                     TEXT_ARG(request->endpoint->slug));
    unsigned len = MASK_KEY_BYTES;

    if ((request->endpoint->session.ttl_ms == 0 || request->body.session_off) &&
        !request->body.keeps)
        return;
    masks->keyed = HMAC(EVP_sha256(), key, TOKEN_KEY_BYTES, (const unsigned char *)scope.at,
                        scope.len, masks->key, &len) != NULL;
    CHECK(masks->keyed && len == MASK_KEY_BYTES);
}

static struct guard_policy policy_of(const struct request *request)
{
    struct guard_policy policy =
        guard_policy_merge(&request->config->guardrails, &request->project->guardrails);

    policy = guard_policy_merge(&policy, &request->endpoint->guardrails);
    return guard_policy_merge(&policy, request->token->policy);
}

/* What is said in numbers of tokens cannot be looked at. */
static enum verdict refuse_tokens(struct request *request)
{
    error_set(&request->error, ERROR_INVALID_REQUEST, "/input",
              "guardrails hold for this call, and they cannot read numbers of tokens");
    error_hint(&request->error, "send the texts themselves; LangChain for Python does so with "
                                "check_embedding_ctx_length=False");
    return FAIL;
}

static void open_guarding(struct request *request, const struct guard_policy *policy)
{
    struct guarding *guarding = ARENA_NEW(&request->arena, struct guarding);

    guarding->policy = *policy;
    guarding->masks.arena = &request->arena;
    key_masks(request, &guarding->masks);
    guarding->input = (struct guard){.policy = &guarding->policy,
                                     .side = GUARD_INPUT,
                                     .masks = &guarding->masks,
                                     .arena = &request->arena};
    guarding->output = guarding->input;
    guarding->output.side = GUARD_OUTPUT;
    guarding->piece = buffer_in(&request->arena);
    request->guarding = guarding;
}

enum verdict stage_guard(struct request *request)
{
    struct guard_policy policy = policy_of(request);

    if (!guard_policy_on(&policy, GUARD_INPUT) && !guard_policy_on(&policy, GUARD_OUTPUT))
        return NEXT;
    if (request->body.token_texts && guard_policy_on(&policy, GUARD_INPUT))
        return refuse_tokens(request);
    open_guarding(request, &policy);
    return !guard_policy_on(&policy, GUARD_INPUT) || guarding_take_input(request) ? NEXT : FAIL;
}
