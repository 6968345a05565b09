#pragma once
// A plain C face on simdjson: one JSON object in, a flat tape of typed tokens out.
//
// The tape lists the values of the document in the order in which they are written. A container is followed by its
// members; `span` says how many tokens a value takes, itself included, so that the next sibling of token i is token i + span.
//
//   {"a": 1, "b": [true, "x"]}   →   object(span 5)  a:number(1)  b:array(span 3)  true(1)  string(1)
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum CSimdJSONKind {
    CSIMDJSON_NULL,
    CSIMDJSON_FALSE,
    CSIMDJSON_TRUE,
    CSIMDJSON_NUMBER,
    // A well-formed number that no finite double is near: 1e400.
    CSIMDJSON_NUMBER_OVERFLOW,
    CSIMDJSON_STRING,
    CSIMDJSON_OBJECT,
    CSIMDJSON_ARRAY,
};

typedef struct {
    // The unescaped name of an object's member; NULL for the root and for array elements.
    const uint8_t *key;
    // A string's unescaped bytes (UTF-8), or a number as it was written.
    const uint8_t *text;
    // The nearest double to a number.
    double number;
    uint32_t key_count;
    uint32_t text_count;
    uint32_t span;
    enum CSimdJSONKind kind;
} CSimdJSONToken;

enum CSimdJSONStatus {
    CSIMDJSON_OK,
    CSIMDJSON_NOT_JSON,
    // A JSON text, or the start of one, that is no object.
    CSIMDJSON_NOT_AN_OBJECT,
    CSIMDJSON_TOO_DEEP,
    CSIMDJSON_NO_MEMORY,
};

typedef struct {
    enum CSimdJSONStatus status;
    // Why it is not JSON: a constant sentence, NULL when status is CSIMDJSON_OK.
    const char *message;
    // `count` tokens, the first of them the root; valid until the next parse and until the parser is destroyed.
    const CSimdJSONToken *tokens;
    size_t count;
} CSimdJSONResult;

typedef struct CSimdJSONParser CSimdJSONParser;

// NULL when memory is exhausted. A parser serves one thread at a time.
CSimdJSONParser *csimdjson_parser_create(void);
void csimdjson_parser_destroy(CSimdJSONParser *parser);

// Parses `count` bytes that need no padding. Everything is validated: structure, UTF-8, escapes, numbers, what follows the root.
// The root has depth 1; a container deeper than `depth_max` stops the parse. The memory kept grows with the largest document seen,
// to about 25 bytes for each of its bytes at worst.
CSimdJSONResult csimdjson_parse(CSimdJSONParser *parser, const void *bytes, size_t count, uint32_t depth_max);

#ifdef __cplusplus
}
#endif
