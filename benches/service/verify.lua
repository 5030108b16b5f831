-- Has a right code judged for each device in turn, from LOAD_FIRST on. LOAD_CODES has the code of each step from LOAD_STEP.
local threads = {}

function setup(thread)
    thread:set("id", #threads)
    table.insert(threads, thread)
end

function init()
    made = tonumber(os.getenv("LOAD_FIRST"))
    first_step = tonumber(os.getenv("LOAD_STEP"))
    codes = {}
    for code in os.getenv("LOAD_CODES"):gmatch("%d+") do
        table.insert(codes, code)
    end
    path = os.getenv("LOAD_PATH")
    headers = { ["Content-Type"] = os.getenv("LOAD_TYPE") }
    if os.getenv("LOAD_KEY") then
        headers["Authorization"] = "Bearer " .. os.getenv("LOAD_KEY")
    end
    body = os.getenv("LOAD_BODY")
    wrong = 0
    local right = os.getenv("LOAD_RIGHT")
    if right then
        -- Where the server does not count what it accepts: its answers are read, which costs the client something.
        response = function(_, _, text)
            if not text:find(right, 1, true) then
                wrong = wrong + 1
            end
        end
    end
end

function request()
    made = made + 1
    local code = codes[math.floor(os.time() / 30) - first_step + 1]
    local filled = body:gsub("DEVICE", "load-" .. id .. "-" .. made):gsub("CODE", code)
    return wrk.format("POST", path, headers, filled)
end

function done(summary, latency)
    local last, wrong = 0, 0
    for _, thread in ipairs(threads) do
        last = math.max(last, thread:get("made"))
        wrong = wrong + thread:get("wrong")
    end
    local errors = summary.errors
    print(string.format(
        '{"requests": %d, "seconds": %.3f, "p50": %.3f, "p99": %.3f, "most": %.3f, "last": %d, "failed": %d}',
        summary.requests, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, last,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout + wrong))
end
