/* The part of the schemas that is about routing. */
#include "config/load.h"
#include "config/shape_parts.h"
#include "document/json_write.h"
#include "route/shape.h"

static void put_condition(struct buffer *out, const struct route_word *word)
{
    static const char *const forms[] = {
        [ROUTE_SHAPE_COMPARISON] = "\"allOf\":[{\"$ref\":\"#/definitions/comparison\"}]",
        [ROUTE_SHAPE_FLAG] = "\"type\":\"boolean\"",
        [ROUTE_SHAPE_TIMES] =
            "\"type\":\"string\",\"pattern\":\"^\\\\s*([01][0-9]|2[0-3]):[0-5][0-9]\\\\s*-\\\\s*"
            "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\\\\s*$\"",
        [ROUTE_SHAPE_DAYS] =
            "\"anyOf\":[{\"$ref\":\"#/definitions/day\"},{\"type\":\"array\",\"minItems\":1,"
            "\"items\":{\"$ref\":\"#/definitions/day\"}}]",
        [ROUTE_SHAPE_ZONE] = "\"type\":\"string\"",
        [ROUTE_SHAPE_PERCENT] = "\"type\":\"number\",\"minimum\":0,\"maximum\":100",
        [ROUTE_SHAPE_STICKY] = "\"enum\":[\"caller\",\"session\",\"request\"]",
        [ROUTE_SHAPE_CALLER] =
            "\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":false,"
            "\"properties\":{\"name\":{\"description\":\"The name of the token.\","
            "\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
            "\"project\":{\"description\":\"A name from 'projects' in pinion.yaml.\","
            "\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
            "\"tags\":{\"description\":\"Tags of the token and their values.\","
            "\"type\":\"object\",\"minProperties\":1,"
            "\"additionalProperties\":{\"$ref\":\"#/definitions/texts\"}}}",
        [ROUTE_SHAPE_HEADER] =
            "\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":"
            "{\"anyOf\":[{\"type\":\"boolean\"},{\"$ref\":\"#/definitions/texts\"}]}",
        [ROUTE_SHAPE_INPUT] =
            "\"type\":\"object\",\"minProperties\":1,\"patternProperties\":{\"^(/|$)\":"
            "{\"anyOf\":[{\"$ref\":\"#/definitions/value\"},{\"type\":\"array\",\"minItems\":1,"
            "\"maxItems\":64,\"items\":{\"$ref\":\"#/definitions/value\"}}]}},"
            "\"additionalProperties\":false",
        [ROUTE_SHAPE_HEALTH] =
            "\"anyOf\":[{\"$ref\":\"#/definitions/states\"},{\"type\":\"object\","
            "\"minProperties\":1,\"additionalProperties\":{\"$ref\":\"#/definitions/states\"}}]",
        [ROUTE_SHAPE_TARGET] =
            "\"anyOf\":[{\"$ref\":\"#/definitions/comparison\"},{\"type\":\"object\","
            "\"minProperties\":1,\"patternProperties\":{\"^(default|[^:]+:.+)$\":"
            "{\"$ref\":\"#/definitions/comparison\"}},\"additionalProperties\":false}]",
        [ROUTE_SHAPE_LIST] = "\"type\":\"array\",\"minItems\":1,\"items\":{\"allOf\":[{\"$ref\":"
                             "\"#/definitions/conditions\"},{\"minProperties\":1}]}",
        [ROUTE_SHAPE_ONE] =
            "\"allOf\":[{\"$ref\":\"#/definitions/conditions\"},{\"minProperties\":1}]",
    };

    json_put_name(out, word->name);
    buffer_put_byte(out, '{');
    shape_put_string(out, "description", word->about);
    shape_put_example(out, word->example);
    buffer_printf(out, ",%s}", forms[word->shape]);
}

static void put_word(struct buffer *out, const char *name, const char *about, const char *example)
{
    json_put_name(out, name);
    buffer_put_byte(out, '{');
    shape_put_string(out, "description", about);
    shape_put_example(out, example);
    shape_put_raw(out, "type", "\"string\"");
    shape_put_string(out, "pattern", "\\S");
    buffer_put_byte(out, '}');
}

/* A template stands alone; else a provider, a model or both. */
static void put_use(struct buffer *out)
{
    shape_put_raw(out, "use", "{\"type\":\"object\"");
    shape_put_string(out, "description", "Where the call goes when the rule holds.");
    shape_put_example(out, "{provider: google, model: gemini-2.5-flash}");
    shape_put_raw(out, "properties", "{");
    put_word(out, "provider", "A name from 'providers' in pinion.yaml.", "google");
    put_word(out, "model", "The model, as the provider names it.", "gemini-2.5-flash");
    put_word(out, "template", "A name from 'templates' in pinion.yaml.", "cheap");
    put_word(out, "endpoint",
             "The slug of an endpoint that answers in place of this one, with the same schemas.",
             "summarize-next");
    buffer_put_byte(out, '}');
    shape_put_raw(out, "additionalProperties", "false");
    shape_put_raw(out, "minProperties", "1");
    shape_put_raw(out, "not",
                  "{\"anyOf\":[{\"required\":[\"template\"],\"anyOf\":[{\"required\":"
                  "[\"provider\"]},{\"required\":[\"model\"]}]},"
                  "{\"required\":[\"endpoint\"],\"minProperties\":2}]}}");
}

static void put_watch(struct buffer *out)
{
    shape_put_raw(out, "watch", "{\"type\":\"object\"");
    shape_put_string(out, "description",
                     "When the rule is switched off by itself: its calls are compared with those "
                     "that it lets pass.");
    shape_put_example(out, "{max_422_pct: 5, max_cost_ratio: 1.5}");
    shape_put_keys(out, &watch_table);
    shape_put_raw(out, "anyOf",
                  "[{\"required\":[\"max_422_pct\"]},"
                  "{\"required\":[\"max_cost_ratio\"]}]}");
}

static void put_rule(struct buffer *out)
{
    shape_put_raw(out, "rule", "{\"type\":\"object\"");
    shape_put_raw(out, "properties", "{");
    put_word(out, "name", "What the rule is for; it is told with each call that it decided.",
             "long documents");
    shape_put_raw(out, "when", "{\"anyOf\":[{\"$ref\":\"#/definitions/conditions\"}]");
    shape_put_string(out, "description",
                     "The conditions, all of which must hold; without any the rule always holds.");
    shape_put_example(out, "{input_tokens: \">= 30000\"}");
    buffer_put_byte(out, '}');
    put_use(out);
    put_watch(out);
    buffer_put_byte(out, '}');
    shape_put_raw(out, "required", "[\"name\",\"use\"]");
    shape_put_raw(out, "additionalProperties", "false}");
}

void shape_put_definitions(struct buffer *out)
{
    shape_put_raw(out, "definitions",
                  "{\"day\":{\"enum\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]}");
    shape_put_raw(out, "comparison",
                  "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0},{\"type\":\"string\","
                  "\"pattern\":\"^\\\\s*(>=|<=|>|<|==|!=)?\\\\s*[0-9]+\\\\s*$\"}]}");
    shape_put_raw(out, "text", "{\"type\":\"string\",\"pattern\":\"^\\\\S(.*\\\\S)?$\"}");
    shape_put_raw(out, "texts",
                  "{\"anyOf\":[{\"$ref\":\"#/definitions/text\"},{\"type\":\"array\","
                  "\"minItems\":1,\"maxItems\":64,\"items\":{\"$ref\":\"#/definitions/text\"}}]}");
    shape_put_raw(out, "value", "{\"type\":[\"boolean\",\"number\",\"string\"]}");
    shape_put_raw(out, "state", "{\"enum\":[\"up\",\"degraded\",\"down\"]}");
    shape_put_raw(out, "states",
                  "{\"anyOf\":[{\"$ref\":\"#/definitions/state\"},{\"type\":\"array\","
                  "\"minItems\":1,\"items\":{\"$ref\":\"#/definitions/state\"}}]}");
    shape_put_raw(out, "conditions",
                  "{\"type\":\"object\",\"description\":\"All of these must hold.\"");
    shape_put_raw(out, "properties", "{");
    for (size_t i = 0; i < route_word_count; i++)
        put_condition(out, &route_words[i]);
    buffer_put_byte(out, '}');
    shape_put_raw(out, "additionalProperties", "false}");
    put_rule(out);
    shape_put_raw(
        out, "rules",
        "{\"type\":\"array\",\"maxItems\":256,\"items\":{\"$ref\":\"#/definitions/rule\"}}");
    shape_put_raw(
        out, "file",
        "{\"type\":\"object\",\"properties\":{\"rules\":{\"$ref\":\"#/definitions/rules\"}},"
        "\"required\":[\"rules\"],\"additionalProperties\":false}");
    buffer_put_byte(out, '}');
}
