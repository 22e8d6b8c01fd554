// Greedy tokens of a GGUF file in the real llama.cpp, through node-llama-cpp: node llama.mjs REQUEST.json, which holds
// {module, file, prompts: [{text, ids}], most}. Prints a JSON list of {ids, greedy} for each prompt.
import {readFileSync} from "node:fs";

const {module, file, prompts, most} = JSON.parse(readFileSync(process.argv[2], "utf8"));
const {getLlama, LlamaLogLevel} = await import(module);
const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});
const results = [];
for (const {text, ids} of prompts) {
    const context = await model.createContext({contextSize: 512, threads: 1});
    const greedy = [];
    for await (const token of context.getSequence().evaluate(ids, {temperature: 0})) {
        if (greedy.push(token) >= most) break;
    }
    results.push({ids: model.tokenize(text, true), greedy});
    await context.dispose();
}
console.log(JSON.stringify(results));
process.exit(0);
