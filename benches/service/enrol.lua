-- Enrols devices named load-THREAD-NUMBER, all with the seed of LOAD_KEY_URI; tells how many each thread has for certain.
local threads = {}

function setup(thread)
    thread:set("id", #threads)
    table.insert(threads, thread)
end

function init()
    made = 0
    headers = {
        ["Authorization"] = "Bearer " .. os.getenv("LOAD_KEY"),
        ["Content-Type"] = "application/json",
    }
    body = '{"user":"load-%d-%d","device":"load-%d-%d","key_uri":"' .. os.getenv("LOAD_KEY_URI") .. '"}'
end

function request()
    made = made + 1
    return wrk.format("POST", "/v1/devices", headers, string.format(body, id, made, id, made))
end

function done(summary)
    local least = math.huge
    for _, thread in ipairs(threads) do
        least = math.min(least, thread:get("made"))
    end
    -- What was on its way at the end may not have come.
    print(string.format('{"each": %d, "failed": %d}', least - 64, summary.errors.status))
end
