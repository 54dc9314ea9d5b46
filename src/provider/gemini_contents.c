/* Gemini: the conversation. The system's words have a place of their own; users and the model take
 * turns, beginning with the user; the results of tools are the user's, all of a turn in one
 * content; a content without parts is refused. */
#include "document/json_write.h"
#include "provider/gemini.h"
#include "provider/wire.h"

/* --- system ------------------------------------------------------------------------------------
 */

/* With what cannot be said otherwise to this model. */
static struct text system_of(const struct chat *chat, const struct gemini_plan *plan,
                             struct arena *arena)
{
    struct buffer system = buffer_in(arena);

    turn_put_system(&system, chat);
    if (plan->output == GEMINI_JSON || plan->output == GEMINI_TOLD) {
        if (system.len > 0)
            buffer_put(&system, TEXT("\n\n"));
        wire_put_instruction(&system, chat);
    }
    if (plan->tools && chat->one_call && chat->choice != CHAT_CHOICE_NONE)
        turn_put_paragraph(&system, TEXT("Call at most one tool at a time."));
    return buffer_text(&system);
}

/* --- turns -------------------------------------------------------------------------------------
 */

/* In front of whatever else the user says. */
static void put_results(const struct gemini_writing *it, const struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        for (size_t at = 0; at < turn->messages[i].part_count; at++)
            if (turn->messages[i].parts[at].type == CHAT_RESULT)
                gemini_put_result(it, &turn->messages[i].parts[at]);
}

static void put_parts(const struct gemini_writing *it, const struct chat_message *message,
                      bool *called)
{
    for (size_t at = 0; at < message->part_count; at++) {
        gemini_put_part(it, message->role, &message->parts[at], !*called);
        *called |= message->parts[at].type == CHAT_CALL;
    }
}

static void begin_content(const struct gemini_writing *it, bool model)
{
    if (it->body->at[it->body->len - 1] != '[')
        buffer_put_byte(it->body, ',');
    buffer_put(it->body, model ? TEXT("{\"role\":\"model\",\"parts\":[")
                               : TEXT("{\"role\":\"user\",\"parts\":["));
}

static void put_plain(struct gemini_writing *it, struct text text)
{
    begin_content(it, false);
    gemini_put_text(it, text);
    buffer_put(it->body, TEXT("]}"));
    it->any = true;
    it->model = false;
}

/* Goes on with the last content if that is of the same side: what was between them had nothing in
 * it. */
static bool goes_on(const struct gemini_writing *it, bool model)
{
    if (!it->any || it->model != model)
        return false;
    it->body->len -= sizeof "]}" - 1;
    return true;
}

/* Nothing is written when there is nothing in it. */
static void put_turn(struct gemini_writing *it, const struct turn *turn)
{
    size_t before = it->body->len, start;
    bool called = false, on = goes_on(it, turn->assistant);

    if (!on)
        begin_content(it, turn->assistant);
    start = it->body->len;
    if (!turn->assistant) {
        gemini_put_text(it, it->system);
        it->system = (struct text){0};
        put_results(it, turn);
    }
    for (size_t i = 0; i < turn->count; i++) {
        if (turn->messages[i].role == CHAT_SYSTEM)
            continue;
        if (turn->messages[i].parts == NULL)
            gemini_put_text(it, turn->messages[i].text);
        put_parts(it, &turn->messages[i], &called);
    }
    it->before = *turn;
    if (it->body->len == start && !on) {
        it->body->len = before;
        return;
    }
    buffer_put(it->body, TEXT("]}"));
    it->any = true;
    it->model = turn->assistant;
}

static void put_turns(struct gemini_writing *it, const struct chat *chat)
{
    for (size_t at = 0; at < chat->message_count;) {
        struct turn turn = {.count = 1};

        if (chat->messages[at].role != CHAT_SYSTEM) {
            turn = turn_at(chat, at);
            if (turn.assistant && !it->any) {
                put_plain(it, it->system.len > 0 ? it->system : TEXT("Begin."));
                it->system = (struct text){0};
            }
            put_turn(it, &turn);
        }
        at += turn.count;
    }
}

void gemini_put_contents(struct buffer *body, const struct chat *chat,
                         const struct gemini_plan *plan, struct arena *arena)
{
    struct text system = system_of(chat, plan, arena);
    struct buffer contents = buffer_in(arena);
    struct gemini_writing it = {.body = &contents, .plan = plan, .arena = arena};

    if (!plan->model->system)
        it.system = system;
    buffer_put_byte(&contents, '[');
    put_turns(&it, chat);
    if (!it.any) { /* there must be something: then the system's words are the user's */
        put_plain(&it, system.len > 0 ? system : TEXT("Begin."));
        system = (struct text){0};
    }
    buffer_put_byte(&contents, ']');
    if (system.len > 0 && plan->model->system) {
        json_put_name(body, "systemInstruction");
        buffer_put(body, TEXT("{\"parts\":[{\"text\":"));
        json_put_string(body, system);
        buffer_put(body, TEXT("}]}"));
    }
    json_put_name(body, "contents");
    buffer_put(body, buffer_text(&contents));
}
