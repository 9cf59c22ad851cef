-- Classes, closures, coroutines, strings and tables, in the parts of Lua that piccolo has.

local seed = 12345
local function random(n)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed // 65536 % n
end

-- A binary heap as a class.
local Heap = {}
Heap.__index = Heap

function Heap.new()
    return setmetatable({ keys = {}, values = {}, size = 0 }, Heap)
end

function Heap:push(key, value)
    local keys, values = self.keys, self.values
    self.size = self.size + 1
    local at = self.size
    while at > 1 and keys[at // 2] > key do
        keys[at], values[at] = keys[at // 2], values[at // 2]
        at = at // 2
    end
    keys[at], values[at] = key, value
end

function Heap:pop()
    local keys, values = self.keys, self.values
    local key, value = keys[1], values[1]
    local last, moved = keys[self.size], values[self.size]
    keys[self.size], values[self.size] = nil, nil
    self.size = self.size - 1
    local at = 1
    while at * 2 <= self.size do
        local child = at * 2
        if child < self.size and keys[child + 1] < keys[child] then
            child = child + 1
        end
        if keys[child] >= last then
            break
        end
        keys[at], values[at] = keys[child], values[child]
        at = child
    end
    if self.size > 0 then
        keys[at], values[at] = last, moved
    end
    return key, value
end

-- The shortest paths over a grid of costs.
local function paths(side)
    local cost, best = {}, {}
    for n = 1, side * side do
        -- Filled in order: piccolo cannot grow some tables whose keys come in another order.
        cost[n], best[n] = 1 + random(9), false
    end
    local heap = Heap.new()
    heap:push(0, 1)
    while heap.size > 0 do
        local far, at = heap:pop()
        if not best[at] then
            best[at] = far
            local x, y = (at - 1) % side, (at - 1) // side
            local function visit(to)
                if not best[to] then
                    heap:push(far + cost[to], to)
                end
            end
            if x > 0 then visit(at - 1) end
            if x < side - 1 then visit(at + 1) end
            if y > 0 then visit(at - side) end
            if y < side - 1 then visit(at + side) end
        end
    end
    return best[side * side]
end

-- A recursive-descent parser of sums, products and parentheses.
local function evaluate(text)
    local at = 1
    local digits = {}
    for n = 0, 9 do
        digits[tostring(n)] = n
    end
    local sum
    local function atom()
        local char = string.sub(text, at, at)
        if char == "(" then
            at = at + 1
            local value = sum()
            at = at + 1
            return value
        end
        local value = 0
        while digits[char] do
            value = value * 10 + digits[char]
            at = at + 1
            char = string.sub(text, at, at)
        end
        return value
    end
    local function product()
        local value = atom()
        while string.sub(text, at, at) == "*" do
            at = at + 1
            value = value * atom() % 1000003
        end
        return value
    end
    sum = function()
        local value = product()
        while true do
            local char = string.sub(text, at, at)
            if char == "+" then
                at = at + 1
                value = value + product()
            elseif char == "-" then
                at = at + 1
                value = value - product()
            else
                return value
            end
        end
    end
    return sum()
end

local function expression(depth)
    if depth == 0 then
        return tostring(random(1000))
    end
    local operators = { "+", "-", "*" }
    local text = expression(depth - 1) .. operators[1 + random(3)] .. expression(depth - 1)
    return random(2) == 0 and "(" .. text .. ")" or text
end

-- All permutations, from a coroutine.
local function permutations(items)
    local function generate(n)
        if n == 0 then
            coroutine.yield(items)
            return
        end
        for k = 1, n do
            items[k], items[n] = items[n], items[k]
            generate(n - 1)
            items[k], items[n] = items[n], items[k]
        end
    end
    return coroutine.create(function() generate(#items) end)
end

local function count_sorted(n)
    local items, ascending = {}, 0
    for k = 1, n do
        items[k] = k
    end
    local co = permutations(items)
    while true do
        local alive, order = coroutine.resume(co)
        if not alive or not order then
            return ascending
        end
        for k = 2, n do
            if order[k] > order[k - 1] then
                ascending = ascending + k
            end
        end
    end
end

-- A pipeline of closures over numbers with a fraction.
local function compose(functions)
    return function(x)
        for _, f in ipairs(functions) do
            x = f(x)
        end
        return x
    end
end

local function pipeline(times)
    local step = compose({
        function(x) return x * 1.5 end,
        function(x) return x > 1000.0 and x / 997.0 or x end,
        function(x) return x + 0.25 end,
    })
    local x = 1.0
    for _ = 1, times do
        x = step(x)
    end
    return math.floor(x * 1000.0)
end

local result = {}
for _ = 1, 2 do
    result[#result + 1] = paths(40)
    result[#result + 1] = evaluate(expression(10))
    result[#result + 1] = count_sorted(6)
    result[#result + 1] = pipeline(6000)
end
local text = ""
for _, number in ipairs(result) do
    text = text .. tostring(number) .. " "
end
return text
