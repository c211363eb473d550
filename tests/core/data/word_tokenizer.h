#pragma once

#include "core/text/tokenizer.h"
#include "tests/support/temp_folder.h"

#include <string>
#include <vector>

namespace lathe::test {

/// One word a token, split at white space, so that every id can be checked by eye: <s> 0, </s> 1, ? 2, and
/// the words from 3 on. `chat`: a chat template, or empty.
inline Tokenizer wordTokenizer(const std::vector<std::string>& words, const std::string& chat = {}) {
    std::string vocabulary = R"("<s>":0,"</s>":1,"?":2)";
    int next = 3;
    for (const std::string& word : words)
        vocabulary += ",\"" + word + "\":" + std::to_string(next++);
    const TempFolder folder;
    folder.write("tokenizer_config.json", R"({"bos_token":"<s>","eos_token":"</s>"})");
    if (!chat.empty())
        folder.write("chat_template.jinja", chat);
    const auto special = [](int id, const std::string& text) {
        return R"({"id":)" + std::to_string(id) + R"(,"content":")" + text +
               R"(","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true})";
    };
    folder.write("tokenizer.json", R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[)" +
                                       special(0, "<s>") + "," + special(1, "</s>") +
                                       R"(],"normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},)"
                                       R"("post_processor":null,"decoder":null,"model":{"type":"WordLevel",)"
                                       R"("unk_token":"?","vocab":{)" +
                                       vocabulary + "}}}");
    return Tokenizer::load(folder.path()).value();
}

} // namespace lathe::test
