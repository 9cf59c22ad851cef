//! The op table: the one place that lists every op. Data only; everything that knows ops (numbers,
//! lookup, disassembler, handler table, docs/OPS.md) is derived from these rows.
//!
//! A row is `shape Meaning "text" = operation`, of shape `control` with the operands between. The
//! *shape* says which operand kinds there are handlers for (see [`Shape`](crate::Shape)), the
//! *meaning* names the zero-sized type in [`sem`](crate::sem) that computes the result, and the
//! *operation* says what it computes to generators of code (see [`Operation`](crate::Operation)).
//! An op is one meaning with one choice of operand kinds:
//!
//! ```text
//!     i32.add_rsi          r = i32.add s3, 7
//!     ------- |||
//!        |    ||+- kind of the second operand: r register, s slot, i immediate
//!        |    |+-- kind of the first operand
//!        |    +--- kind of the destination: r, s, b (both), j (jump if), u (jump unless)
//!        +-------- meaning
//! ```
//!
//! Adding an op: one row here, one meaning in `sem`, one line in the translator's visitor, one
//! test.

/// Calls a macro with every row of the op table.
#[macro_export]
macro_rules! for_each_op {
    ($callback:ident) => {
        $callback! {
            // Control. Braces hold the operands, by name and kind; `operands.rs` derives from their
            // order where each lies, and a semicolon begins a new word. The first text shows the
            // instruction, the second says what it does.
            control Unreachable {} "unreachable" => "trap unreachable";
            control Br { to: target } "br {to}" => "ip = to";
            control BrTable { index: slot, last: number } "br_table {index} [{last}]"
                => "ip = targets[min(index, last)]";
            control BrTableR { index: int, last: number } "br_table {index} [{last}]"
                => "ip = targets[min(index, last)]";
            control Return { record: slot } "return" => "pop the frame";
            control ReturnSlot { record: slot, value: slot } "return {value}"
                => "s0 = value; pop the frame";
            control ReturnI { record: slot, value: int } "return {value}"
                => "s0 = value; pop the frame";
            control ReturnF32 { record: slot, value: f32 } "return {value}"
                => "s0 = value; pop the frame";
            control ReturnF64 { record: slot, value: f64 } "return {value}"
                => "s0 = value; pop the frame";
            control ReturnImm { record: slot, value: number } "return {value}"
                => "s0 = value; pop the frame";
            control Enter { first_local: slot, locals: count, frame: number }
                "enter frame={frame} zero={first_local}+{locals}"
                => "make room for frame slots; locals slots from first_local on = 0";
            control BindFunc { first_local: slot, locals: count, frame: number } "bind_func"
                => "bind the function's instructions to handlers; execute enter";
            control Exit {} "exit" => "end the run";
            control ReturnToInstance {} "return_to_instance"
                => "instance, ip = pop the switch of instances";
            control TranslateFunc { func: number } "translate_func {func}"
                => "translate func; go on at its entry";
            control Call { args: slot, record: slot, func: number; guess: word }
                "call f{func} args={args}"
                => "push a frame at args; ip = entry of func";
            control CallImported { args: slot, record: slot, func: number }
                "call_imported f{func} args={args}"
                => "call the imported func with the arguments at args";
            control CallIndirect { args: slot, index: slot, record: slot;
                ty: number, table: number }
                "call_indirect table{table}[{index}] type{ty} args={args}"
                => "func = table[index], of type ty or trap; push a frame; ip = entry of func";
            control CallIndirectR { args: slot, index: int, record: slot;
                ty: number, table: number }
                "call_indirect table{table}[{index}] type{ty} args={args}"
                => "func = table[index], of type ty or trap; push a frame; ip = entry of func";
            control CallRef { args: slot, func: slot, record: slot } "call_ref {func} args={args}"
                => "trap if func is null; push a frame at args; ip = entry of func";
            control CallRefR { args: slot, func: int, record: slot } "call_ref {func} args={args}"
                => "trap if func is null; push a frame at args; ip = entry of func";
            control ReturnCall { args: slot, own_record: slot, record: slot, params: count;
                func: number }
                "return_call f{func} args={args}"
                => "replace the frame by one with the arguments at args; ip = entry of func";
            control ReturnCallImported { args: slot, own_record: slot, record: slot, params: count;
                func: number }
                "return_call_imported f{func} args={args}"
                => "call the imported func in place of this function";
            control ReturnCallIndirect { args: slot, index: slot, record: slot, params: count;
                ty: number, table: number; own_record: slot }
                "return_call_indirect table{table}[{index}] type{ty} args={args}"
                => "func = table[index], of type ty or trap; replace the frame; ip = entry of func";
            control ReturnCallRef { args: slot, own_record: slot, record: slot, params: count;
                func: slot }
                "return_call_ref {func} args={args}"
                => "trap if func is null; replace the frame; ip = entry of func";
            control Throw { args: slot, tag: number } "throw tag{tag} {args}.."
                => "throw an exception of tag with the values at args";
            control ThrowRef { exception: slot } "throw_ref {exception}"
                => "trap if exception is null; throw it";
            control ConsumeFuel { cost: number } "consume_fuel {cost}" => "fuel -= cost";
            control CheckFuel { least: count, cost: number }
                "check_fuel above {least} consume {cost}"
                => "stop unless fuel > least; fuel -= cost";
            control CheckFuelOrBr { to: target; cost: word } "check_fuel consume {cost} or br {to}"
                => "fuel > 0 ? fuel -= cost : ip = to";
            control ConsumeFuelBy { first: slot, operator: bulk, cost: number;
                to: number, from: number }
                "consume_fuel {cost} * {operator} {to} {from} {first}.."
                => "fuel -= cost * amount of the operator's work, if it is within bounds";
            control CheckEpoch {} "check_epoch" => "stop if the epoch has reached its deadline";
            control BrAtDeadline { to: target } "br_at_deadline {to}"
                => "ip = to, if the epoch has reached its deadline";
            control EnterDepth {} "enter_depth" => "depth += 1; trap if it exceeds its limit";
            control LeaveDepth {} "leave_depth" => "depth -= 1";
            control Observe { frame_low: count, frame_high: count, site: number } "observe {site}"
                => "deliver the site's event";
            control BrIfWatched { address: slot, to: target; offset: word }
                "br_if_watched {address} + {offset} {to}"
                => "ip = to, if address + offset is among the watched addresses";
            control BrIfWatchedR { address: int, to: target; offset: word }
                "br_if_watched {address} + {offset} {to}"
                => "ip = to, if address + offset is among the watched addresses";
            control BrIfSpanWatched { address: slot, len: slot, to: target }
                "br_if_span_watched {address}..+{len} {to}"
                => "ip = to, if one of len addresses from address on is among the watched ones";
            control BrUnlessWatched { address: slot, to: target; offset: word; memory: number }
                "br_unless_watched memory{memory} {address} + {offset} {to}"
                => "ip = to, unless address + offset is among the watched addresses of the memory";
            control Anchor { frame_low: count, frame_high: count, site: number } "anchor {site}"
                => "go on in the function's newest code, behind the site";
            control Detour {} "detour" => "go on in the function's newest code, behind the call";
            control Count { cell: number } "count {cell}" => "counters[cell] += 1";
            control CountIf { condition: slot, cell: number } "count {cell} if {condition}"
                => "counters[cell] += condition != 0";

            // Moves between slots and registers; constants; select.
            control Copy { to: slot, from: slot } "{to} = {from}" => "to = from";
            control Copy2 { to: slot, from: slot, second_to: slot, second_from: slot }
                "{to} = {from}, {second_to} = {second_from}"
                => "to = from; second_to = second_from";
            control CopyV128 { to: vector, from: vector } "{to} = {from}" => "to = from";
            control CopySpan { to: slot, from: slot, len: count } "{to}.. = {from}.. len={len}"
                => "len slots from to on = len slots from from on";
            control StorePins2 { first: slot, second: slot } "{first} {second} = pins"
                => "first = pin 0; second = pin 1";
            control StorePins3 { first: slot, second: slot, third: slot }
                "{first} {second} {third} = pins" => "first = pin 0; second = pin 1; third = pin 2";
            control LoadPins2 { first: slot, second: slot } "pins = {first} {second}"
                => "pin 0 = first; pin 1 = second";
            control LoadPins3 { first: slot, second: slot, third: slot }
                "pins = {first} {second} {third}" => "pin 0 = first; pin 1 = second; pin 2 = third";
            control Const32 { to: slot, value: number } "{to} = {value}"
                => "to = value, zero-extended";
            control Const64 { to: slot; value: word } "{to} = {value}" => "to = value";
            control Const32R { to: int, value: number } "{to} = {value}"
                => "to = value, zero-extended";
            control Const64R { to: int; value: word } "{to} = {value}" => "to = value";
            control ConstV128 { to: slot; low: word, high: word } "{to} = {low}.."
                => "to = low, to + 1 = high";
            control Select { to: slot, condition: slot, first: slot, second: slot }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectR { to: slot, condition: int, first: slot, second: slot }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectToR { to: int, condition: slot, first: slot, second: slot }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectRToR { to: int, condition: int, first: slot, second: slot }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectRRS { to: int, condition: int, first: int, second: slot }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectRSR { to: int, condition: int, first: slot, second: int }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            control SelectRRR { to: int, condition: int, first: int, second: int }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";
            copy I64Copy "i64.copy";
            copy F32Copy "f32.copy";
            copy F64Copy "f64.copy";
            control SelectV128 { to: slot, condition: slot, first: vector, second: vector }
                "{to} = {condition} ? {first} : {second}" => "to = condition != 0 ? first : second";

            // Globals, functions as values.
            control GlobalGet { to: slot, global: number } "{to} = global{global}"
                => "to = globals[global]";
            control GlobalGetI { to: int, global: number } "{to} = global{global}"
                => "to = globals[global]";
            control GlobalGetF32 { to: f32, global: number } "{to} = global{global}"
                => "to = globals[global]";
            control GlobalGetF64 { to: f64, global: number } "{to} = global{global}"
                => "to = globals[global]";
            control GlobalGetV128 { to: vector, global: number } "{to} = global{global}"
                => "to = globals[global]";
            control GlobalSet { value: slot, global: number } "global{global} = {value}"
                => "globals[global] = value";
            control GlobalSetI { value: int, global: number } "global{global} = {value}"
                => "globals[global] = value";
            control GlobalSetF32 { value: f32, global: number } "global{global} = {value}"
                => "globals[global] = value";
            control GlobalSetF64 { value: f64, global: number } "global{global} = {value}"
                => "globals[global] = value";
            control GlobalSetV128 { value: vector, global: number } "global{global} = {value}"
                => "globals[global] = value";
            control RefFunc { to: slot, func: number } "{to} = ref.func f{func}"
                => "to = reference to func";

            // Memories and tables as wholes. Operands of an operator lie in consecutive slots.
            control MemorySize { to: slot, memory: number } "{to} = memory.size {memory}"
                => "to = size of memory in pages";
            control MemoryGrow { to: slot, delta: slot, memory: number }
                "{to} = memory.grow {memory} {delta}" => "to = grow memory by delta pages";
            control MemoryFill { first: slot, memory: number } "memory.fill {memory} {first}.."
                => "memory[first..][..first + 2] = first + 1";
            control MemoryCopy { first: slot; to: number, from: number }
                "memory.copy {to} {from} {first}.."
                => "to[first..][..first + 2] = from[first + 1..]";
            control MemoryInit { first: slot; memory: number, data: number }
                "memory.init {memory} data{data} {first}.."
                => "memory[first..][..first + 2] = data[first + 1..]";
            control DataDrop { data: number } "data.drop {data}" => "data = empty";
            control TableGet { to: slot, index: slot, table: number } "{to} = table{table}[{index}]"
                => "to = table[index]";
            control TableSet { index: slot, value: slot, table: number }
                "table{table}[{index}] = {value}" => "table[index] = value";
            control TableSize { to: slot, table: number } "{to} = table.size {table}"
                => "to = size of table";
            control TableGrow { first: slot, table: number }
                "{first} = table.grow {table} {first}.."
                => "first = grow table by first + 1 elements first";
            control TableFill { first: slot, table: number } "table.fill {table} {first}.."
                => "table[first..][..first + 2] = first + 1";
            control TableCopy { first: slot; to: number, from: number }
                "table.copy {to} {from} {first}.."
                => "to[first..][..first + 2] = from[first + 1..]";
            control TableInit { first: slot; table: number, elem: number }
                "table.init {table} elem{elem} {first}.."
                => "table[first..][..first + 2] = elem[first + 1..]";
            control ElemDrop { elem: number } "elem.drop {elem}" => "elem = empty";
            control TableGrowNull { first: slot, table: number }
                "{first} = table.grow {table} null {first}.."
                => "first = grow table by first + 1 null elements; first + 2.. = rest of the work";
            control BulkPiece { first: slot, operator: bulk, again: target;
                to: number, from: number }
                "piece of {operator} {to} {from} {first}.. or br {again}"
                => "execute a piece of the operator; ip = again if work remains";

            // References to objects, and casts. A target of a cast is a `CastTarget`.
            control RefTest { to: slot, reference: slot, target: number }
                "{to} = ref.test {reference} {target}" => "to = reference is of the target type";
            control RefCast { reference: slot, target: number } "ref.cast {reference} {target}"
                => "trap unless reference is of the target type";
            control RefTestDesc { to: slot, reference: slot, descriptor: slot, nullable: count }
                "{to} = ref.test_desc {reference} {descriptor} {nullable}"
                => "trap if descriptor is null; to = reference has the descriptor, or is null if \
                    nullable";
            control RefCastDesc { reference: slot, descriptor: slot, nullable: count }
                "ref.cast_desc {reference} {descriptor} {nullable}"
                => "trap if descriptor is null; trap unless reference has it, or is null if \
                    nullable";
            control DescNonNull { descriptor: slot } "desc.non_null {descriptor}"
                => "trap if descriptor is null";

            // Structures and arrays. Offsets in objects count from their headers.
            control StructNewLarge { to: slot, ty: number } "{to} = struct.new_large t{ty}"
                => "to = new structure of zeros";
            control StructGetV128 { to: vector, object: slot, at: number }
                "{to} = struct.get128 {object}+{at}" => "to = object[at..][..16]";
            control StructSetV128 { object: slot, value: vector, at: number }
                "struct.set128 {object}+{at} {value}" => "object[at..][..16] = value";
            control ArrayNew { to: slot, value: slot, len: slot; ty: number }
                "{to} = array.new t{ty} {value} {len}" => "to = new array of len elements value";
            control ArrayFillNew { array: slot, value: slot, log2_size: count, unused_bits: count;
                multiplier: word }
                "array.fill_new {array} = {value}"
                => "elements of the new array = value without its unused bits, repeated by multiplier";
            control ArrayNewData { first: slot; ty: number, data: number }
                "{first} = array.new_data t{ty} data{data} {first}.."
                => "first = new array of the elements data[first..], first + 1 of them";
            control ArrayNewElem { first: slot; ty: number, elem: number }
                "{first} = array.new_elem t{ty} elem{elem} {first}.."
                => "first = new array of elem[first..][..first + 1]";
            control ArrayNewZeroed { first: slot, operator: bulk; ty: number, segment: number }
                "allocate t{ty} for {operator} {segment} {first}.."
                => "array of the operator's length, of zeros; behind its operands those of the rest";
            control ArrayGetV128 { to: vector, array: slot, index: slot }
                "{to} = array.get128 {array}[{index}]" => "to = array[index]";
            control ArraySetV128 { array: slot, index: slot, value: vector }
                "array.set128 {array}[{index}] {value}" => "array[index] = value";
            control ArrayFill { first: slot, ty: number } "array.fill t{ty} {first}.."
                => "elements of array first from first + 1 on = first + 2, as many as the next says";
            control ArrayCopy { first: slot, ty: number } "array.copy t{ty} {first}.."
                => "first[first + 1..][..first + 4] = (first + 2)[first + 3..]";
            control ArrayInitData { first: slot; ty: number, data: number }
                "array.init_data t{ty} data{data} {first}.."
                => "first[first + 1..][..first + 3] = elements data[first + 2..]";
            control ArrayInitElem { first: slot; ty: number, elem: number }
                "array.init_elem t{ty} elem{elem} {first}.."
                => "first[first + 1..][..first + 3] = elem[first + 2..]";

            // Fields of structures and elements of arrays. References have 32 bits. A number is at
            // an offset from the object's header on; the length of an array is such a number, too.
            field_get StructGet8S "struct.get8_s" = Load::Low8(Signed);
            field_get StructGet8U "struct.get8_u" = Load::Low8(Unsigned);
            field_get StructGet16S "struct.get16_s" = Load::Low16(Signed);
            field_get StructGet16U "struct.get16_u" = Load::Low16(Unsigned);
            field_get StructGet32 "struct.get32" = Load::Whole;
            field_get StructGet64 "struct.get64" = Load::Whole;
            field_get StructGetF32 "struct.get_f32" = Load::Whole;
            field_get StructGetF64 "struct.get_f64" = Load::Whole;
            field_set StructSet8 "struct.set8" = ObjectStore::Low8;
            field_set StructSet16 "struct.set16" = ObjectStore::Low16;
            field_set StructSet32 "struct.set32" = ObjectStore::Whole;
            field_set StructSet64 "struct.set64" = ObjectStore::Whole;
            field_set StructSetRef "struct.set_ref" = ObjectStore::Reference;
            float_field_set StructSetF32 "struct.set_f32" = ObjectStore::Whole;
            float_field_set StructSetF64 "struct.set_f64" = ObjectStore::Whole;
            element_get ArrayGet8S "array.get8_s" = Load::Low8(Signed);
            element_get ArrayGet8U "array.get8_u" = Load::Low8(Unsigned);
            element_get ArrayGet16S "array.get16_s" = Load::Low16(Signed);
            element_get ArrayGet16U "array.get16_u" = Load::Low16(Unsigned);
            element_get ArrayGet32 "array.get32" = Load::Whole;
            element_get ArrayGet64 "array.get64" = Load::Whole;
            element_get ArrayGetF32 "array.get_f32" = Load::Whole;
            element_get ArrayGetF64 "array.get_f64" = Load::Whole;
            element_set ArraySet8 "array.set8" = ObjectStore::Low8;
            element_set ArraySet16 "array.set16" = ObjectStore::Low16;
            element_set ArraySet32 "array.set32" = ObjectStore::Whole;
            element_set ArraySet64 "array.set64" = ObjectStore::Whole;
            element_set ArraySetRef "array.set_ref" = ObjectStore::Reference;
            float_element_set ArraySetF32 "array.set_f32" = ObjectStore::Whole;
            float_element_set ArraySetF64 "array.set_f64" = ObjectStore::Whole;
            // Allocations of small structures and of arrays, of zeros.
            struct_new StructNew "struct.new" = New::Struct;
            array_new ArrayNewDefault "array.new_default" = New::Array;
            // Casts to a structure or array type of the module: to a final one, and to one that has
            // few supertypes.
            cast_test RefTestExact "ref.test_exact" = Cast::Exact;
            cast_test RefTestSub "ref.test_sub" = Cast::Sub;
            cast RefCastExact "ref.cast_exact" = Cast::Exact;
            cast RefCastSub "ref.cast_sub" = Cast::Sub;
            // Casts to an abstract type, which consists of classes of references.
            cast_test RefTestClass "ref.test_class" = Cast::Class;
            cast RefCastClass "ref.cast_class" = Cast::Class;

            // Wide arithmetic: operands and results in consecutive slots.
            control I64Add128 { first: slot } "{first}.. = i64.add128 {first}.."
                => "(first, first + 1) = (first, first + 1) + (first + 2, first + 3)";
            control I64Sub128 { first: slot } "{first}.. = i64.sub128 {first}.."
                => "(first, first + 1) = (first, first + 1) - (first + 2, first + 3)";
            control I64MulWideS { first: slot } "{first}.. = i64.mul_wide_s {first}.."
                => "(first, first + 1) = first * first + 1, signed";
            control I64MulWideU { first: slot } "{first}.. = i64.mul_wide_u {first}.."
                => "(first, first + 1) = first * first + 1, unsigned";
            control Shuffle { to: vector, a: vector, b: vector; low: word, high: word }
                "{to} = i8x16.shuffle {a} {b} {low}.."
                => "to = lanes of a and b, by the numbers in low and high";
            control ShuffleR { to: vector, a: vector, b: vector; low: word, high: word }
                "{to} = i8x16.shuffle {a} {b} {low}.."
                => "to = lanes of a, just computed, and b, by the numbers in low and high";

            // Integer arithmetic. Commutative ops have a constant or register operand in one place
            // only. An `i32` is zero-extended to 64 bits. Many ops of `i64` therefore compute what
            // those of `i32` would, and take both, here and below. Constants in instructions are
            // sign-extended, so that there are ops for an `i32` and a constant.
            commutative I32Add "i32.add" = IntBinary::Add;
            commutative I32Mul "i32.mul" = IntBinary::Mul;
            immediate I32And "i32.and" = IntBinary::And;
            immediate I32Or "i32.or" = IntBinary::Or;
            immediate I32Xor "i32.xor" = IntBinary::Xor;
            binary I32Sub "i32.sub" = IntBinary::Sub;
            division I32DivS "i32.div_s" = IntBinary::DivS;
            division I32DivU "i32.div_u" = IntBinary::DivU;
            division I32RemS "i32.rem_s" = IntBinary::RemS;
            division I32RemU "i32.rem_u" = IntBinary::RemU;
            binary I32Shl "i32.shl" = IntBinary::Shl;
            binary I32ShrS "i32.shr_s" = IntBinary::ShrS;
            binary I32ShrU "i32.shr_u" = IntBinary::ShrU;
            binary I32Rotl "i32.rotl" = IntBinary::Rotl;
            binary I32Rotr "i32.rotr" = IntBinary::Rotr;
            unary I32Clz "i32.clz" = IntUnary::Clz;
            unary I32Ctz "i32.ctz" = IntUnary::Ctz;
            commutative I64Add "i64.add" = IntBinary::Add;
            commutative I64Mul "i64.mul" = IntBinary::Mul;
            commutative I64And "i64.and" = IntBinary::And;
            commutative I64Or "i64.or" = IntBinary::Or;
            commutative I64Xor "i64.xor" = IntBinary::Xor;
            binary I64Sub "i64.sub" = IntBinary::Sub;
            division I64DivS "i64.div_s" = IntBinary::DivS;
            division I64DivU "i64.div_u" = IntBinary::DivU;
            division I64RemS "i64.rem_s" = IntBinary::RemS;
            division I64RemU "i64.rem_u" = IntBinary::RemU;
            binary I64Shl "i64.shl" = IntBinary::Shl;
            binary I64ShrS "i64.shr_s" = IntBinary::ShrS;
            binary I64ShrU "i64.shr_u" = IntBinary::ShrU;
            binary I64Rotl "i64.rotl" = IntBinary::Rotl;
            binary I64Rotr "i64.rotr" = IntBinary::Rotr;
            unary I64Clz "i64.clz" = IntUnary::Clz;
            unary I64Ctz "i64.ctz" = IntUnary::Ctz;
            unary I64Popcnt "i64.popcnt" = IntUnary::Popcnt;

            // Comparisons: to a value or to a jump; `swap` is the same with operands exchanged,
            // `not` the opposite.
            compare_immediate I32Eq "i32.eq" swap I32Eq not I32Ne = IntCompare::Eq;
            compare_immediate I32Ne "i32.ne" swap I32Ne not I32Eq = IntCompare::Ne;
            compare I32LtS "i32.lt_s" swap I32GtS not I32GeS = IntCompare::LtS;
            compare_immediate I32LtU "i32.lt_u" swap I32GtU not I32GeU = IntCompare::LtU;
            compare I32GtS "i32.gt_s" swap I32LtS not I32LeS = IntCompare::GtS;
            compare_immediate I32GtU "i32.gt_u" swap I32LtU not I32LeU = IntCompare::GtU;
            compare I32LeS "i32.le_s" swap I32GeS not I32GtS = IntCompare::LeS;
            compare_immediate I32LeU "i32.le_u" swap I32GeU not I32GtU = IntCompare::LeU;
            compare I32GeS "i32.ge_s" swap I32LeS not I32LtS = IntCompare::GeS;
            compare_immediate I32GeU "i32.ge_u" swap I32LeU not I32LtU = IntCompare::GeU;
            compare I64Eq "i64.eq" swap I64Eq not I64Ne = IntCompare::Eq;
            compare I64Ne "i64.ne" swap I64Ne not I64Eq = IntCompare::Ne;
            compare I64LtS "i64.lt_s" swap I64GtS not I64GeS = IntCompare::LtS;
            compare I64LtU "i64.lt_u" swap I64GtU not I64GeU = IntCompare::LtU;
            compare I64GtS "i64.gt_s" swap I64LtS not I64LeS = IntCompare::GtS;
            compare I64GtU "i64.gt_u" swap I64LtU not I64LeU = IntCompare::GtU;
            compare I64LeS "i64.le_s" swap I64GeS not I64GtS = IntCompare::LeS;
            compare I64LeU "i64.le_u" swap I64GeU not I64GtU = IntCompare::LeU;
            compare I64GeS "i64.ge_s" swap I64LeS not I64LtS = IntCompare::GeS;
            compare I64GeU "i64.ge_u" swap I64LeU not I64LtU = IntCompare::GeU;
            compare_immediate I32TestNz "i32.test_nz" swap I32TestNz not I32TestZ = IntTest::Nz;
            compare_immediate I32TestZ "i32.test_z" swap I32TestZ not I32TestNz = IntTest::Z;
            compare I64TestNz "i64.test_nz" swap I64TestNz not I64TestZ = IntTest::Nz;
            compare I64TestZ "i64.test_z" swap I64TestZ not I64TestNz = IntTest::Z;
            float_compare F32Eq "f32.eq" swap F32Eq = FloatCompare::Eq;
            float_compare F32Ne "f32.ne" swap F32Ne = FloatCompare::Ne;
            float_compare F32Lt "f32.lt" swap F32Gt = FloatCompare::Lt;
            float_compare F32Gt "f32.gt" swap F32Lt = FloatCompare::Gt;
            float_compare F32Le "f32.le" swap F32Ge = FloatCompare::Le;
            float_compare F32Ge "f32.ge" swap F32Le = FloatCompare::Ge;
            float_compare F64Eq "f64.eq" swap F64Eq = FloatCompare::Eq;
            float_compare F64Ne "f64.ne" swap F64Ne = FloatCompare::Ne;
            float_compare F64Lt "f64.lt" swap F64Gt = FloatCompare::Lt;
            float_compare F64Gt "f64.gt" swap F64Lt = FloatCompare::Gt;
            float_compare F64Le "f64.le" swap F64Ge = FloatCompare::Le;
            float_compare F64Ge "f64.ge" swap F64Le = FloatCompare::Ge;

            // Float arithmetic.
            commutative F32Add "f32.add" = FloatBinary::Add;
            commutative F32Mul "f32.mul" = FloatBinary::Mul;
            binary F32Sub "f32.sub" = FloatBinary::Sub;
            binary F32Div "f32.div" = FloatBinary::Div;
            binary F32Min "f32.min" = FloatBinary::Min;
            binary F32Max "f32.max" = FloatBinary::Max;
            binary F32Copysign "f32.copysign" = FloatBinary::Copysign;
            unary F32Abs "f32.abs" = FloatUnary::Abs;
            unary F32Neg "f32.neg" = FloatUnary::Neg;
            unary F32Ceil "f32.ceil" = FloatUnary::Ceil;
            unary F32Floor "f32.floor" = FloatUnary::Floor;
            unary F32Trunc "f32.trunc" = FloatUnary::Trunc;
            unary F32Nearest "f32.nearest" = FloatUnary::Nearest;
            unary F32Sqrt "f32.sqrt" = FloatUnary::Sqrt;
            unary F32CanonicalizeNan "f32.canonicalize_nan" = FloatUnary::CanonicalizeNan;
            commutative F64Add "f64.add" = FloatBinary::Add;
            commutative F64Mul "f64.mul" = FloatBinary::Mul;
            binary F64Sub "f64.sub" = FloatBinary::Sub;
            binary F64Div "f64.div" = FloatBinary::Div;
            binary F64Min "f64.min" = FloatBinary::Min;
            binary F64Max "f64.max" = FloatBinary::Max;
            binary F64Copysign "f64.copysign" = FloatBinary::Copysign;
            unary F64Abs "f64.abs" = FloatUnary::Abs;
            unary F64Neg "f64.neg" = FloatUnary::Neg;
            unary F64Ceil "f64.ceil" = FloatUnary::Ceil;
            unary F64Floor "f64.floor" = FloatUnary::Floor;
            unary F64Trunc "f64.trunc" = FloatUnary::Trunc;
            unary F64Nearest "f64.nearest" = FloatUnary::Nearest;
            unary F64Sqrt "f64.sqrt" = FloatUnary::Sqrt;
            unary F64CanonicalizeNan "f64.canonicalize_nan" = FloatUnary::CanonicalizeNan;

            // Conversions.
            unary I32WrapI64 "i32.wrap_i64" = IntUnary::Wrap;
            unary RefAsNonNull "ref.as_non_null" = IntUnary::NonNull;
            unary RefI31 "ref.i31" = IntUnary::I31;
            unary I31GetS "i31.get_s" = IntUnary::I31Get(Signed);
            unary I31GetU "i31.get_u" = IntUnary::I31Get(Unsigned);
            unary I64ExtendI32S "i64.extend_i32_s" = IntUnary::Extend32S;
            unary I64ExtendI32U "i64.extend_i32_u" = IntUnary::Extend32U;
            unary I32Extend8S "i32.extend8_s" = IntUnary::Extend8S;
            unary I32Extend16S "i32.extend16_s" = IntUnary::Extend16S;
            unary I64Extend8S "i64.extend8_s" = IntUnary::Extend8S;
            unary I64Extend16S "i64.extend16_s" = IntUnary::Extend16S;
            unary I64Extend32S "i64.extend32_s" = IntUnary::Extend32S;
            unary I32TruncF32S "i32.trunc_f32_s" = FloatToInt::Trunc(Signed);
            unary I32TruncF32U "i32.trunc_f32_u" = FloatToInt::Trunc(Unsigned);
            unary I32TruncF64S "i32.trunc_f64_s" = FloatToInt::Trunc(Signed);
            unary I32TruncF64U "i32.trunc_f64_u" = FloatToInt::Trunc(Unsigned);
            unary I64TruncF32S "i64.trunc_f32_s" = FloatToInt::Trunc(Signed);
            unary I64TruncF32U "i64.trunc_f32_u" = FloatToInt::Trunc(Unsigned);
            unary I64TruncF64S "i64.trunc_f64_s" = FloatToInt::Trunc(Signed);
            unary I64TruncF64U "i64.trunc_f64_u" = FloatToInt::Trunc(Unsigned);
            unary I32TruncSatF32S "i32.trunc_sat_f32_s" = FloatToInt::TruncSat(Signed);
            unary I32TruncSatF32U "i32.trunc_sat_f32_u" = FloatToInt::TruncSat(Unsigned);
            unary I32TruncSatF64S "i32.trunc_sat_f64_s" = FloatToInt::TruncSat(Signed);
            unary I32TruncSatF64U "i32.trunc_sat_f64_u" = FloatToInt::TruncSat(Unsigned);
            unary I64TruncSatF32S "i64.trunc_sat_f32_s" = FloatToInt::TruncSat(Signed);
            unary I64TruncSatF32U "i64.trunc_sat_f32_u" = FloatToInt::TruncSat(Unsigned);
            unary I64TruncSatF64S "i64.trunc_sat_f64_s" = FloatToInt::TruncSat(Signed);
            unary I64TruncSatF64U "i64.trunc_sat_f64_u" = FloatToInt::TruncSat(Unsigned);
            unary F32ConvertI32S "f32.convert_i32_s" = IntToFloat::Convert(Signed);
            unary F32ConvertI32U "f32.convert_i32_u" = IntToFloat::Convert(Unsigned);
            unary F32ConvertI64S "f32.convert_i64_s" = IntToFloat::Convert(Signed);
            unary F32ConvertI64U "f32.convert_i64_u" = IntToFloat::Convert(Unsigned);
            unary F64ConvertI32S "f64.convert_i32_s" = IntToFloat::Convert(Signed);
            unary F64ConvertI32U "f64.convert_i32_u" = IntToFloat::Convert(Unsigned);
            unary F64ConvertI64S "f64.convert_i64_s" = IntToFloat::Convert(Signed);
            unary F64ConvertI64U "f64.convert_i64_u" = IntToFloat::Convert(Unsigned);
            unary F32DemoteF64 "f32.demote_f64" = FloatUnary::Demote;
            unary F64PromoteF32 "f64.promote_f32" = FloatUnary::Promote;
            unary I32ReinterpretF32 "i32.reinterpret_f32" = FloatToInt::Reinterpret;
            unary I64ReinterpretF64 "i64.reinterpret_f64" = FloatToInt::Reinterpret;
            unary F32ReinterpretI32 "f32.reinterpret_i32" = IntToFloat::Reinterpret;
            unary F64ReinterpretI64 "f64.reinterpret_i64" = IntToFloat::Reinterpret;

            // Loads and stores. The `far` variants reach any memory with any offset.
            load I64Load "i64.load" = Load::Whole;
            load F32Load "f32.load" = Load::Whole;
            load F64Load "f64.load" = Load::Whole;
            load I32Load8S "i32.load8_s" = Load::Low8(Signed);
            load I32Load16S "i32.load16_s" = Load::Low16(Signed);
            load I64Load8S "i64.load8_s" = Load::Low8(Signed);
            load I64Load8U "i64.load8_u" = Load::Low8(Unsigned);
            load I64Load16S "i64.load16_s" = Load::Low16(Signed);
            load I64Load16U "i64.load16_u" = Load::Low16(Unsigned);
            load I64Load32S "i64.load32_s" = Load::Low32(Signed);
            load I64Load32U "i64.load32_u" = Load::Low32(Unsigned);
            store I64Store "i64.store" = Store::Whole;
            store I64Store8 "i64.store8" = Store::Low8;
            store I64Store16 "i64.store16" = Store::Low16;
            store I64Store32 "i64.store32" = Store::Low32;
            float_store F32Store "f32.store" = Store::Whole;
            float_store F64Store "f64.store" = Store::Whole;
            vector_load V128Load "v128.load" = VectorLoad::Whole;
            vector_load V128Load8x8S "v128.load8x8_s" = VectorLoad::Extend8(Signed);
            vector_load V128Load8x8U "v128.load8x8_u" = VectorLoad::Extend8(Unsigned);
            vector_load V128Load16x4S "v128.load16x4_s" = VectorLoad::Extend16(Signed);
            vector_load V128Load16x4U "v128.load16x4_u" = VectorLoad::Extend16(Unsigned);
            vector_load V128Load32x2S "v128.load32x2_s" = VectorLoad::Extend32(Signed);
            vector_load V128Load32x2U "v128.load32x2_u" = VectorLoad::Extend32(Unsigned);
            vector_load V128Load8Splat "v128.load8_splat" = VectorLoad::Splat8;
            vector_load V128Load16Splat "v128.load16_splat" = VectorLoad::Splat16;
            vector_load V128Load32Splat "v128.load32_splat" = VectorLoad::Splat32;
            vector_load V128Load64Splat "v128.load64_splat" = VectorLoad::Splat64;
            vector_load V128Load32Zero "v128.load32_zero" = VectorLoad::Zero32;
            vector_load V128Load64Zero "v128.load64_zero" = VectorLoad::Zero64;
            vector_store V128Store "v128.store";
            load_lane V128Load8Lane "v128.load8_lane" = Lane::Load on I8x16;
            load_lane V128Load16Lane "v128.load16_lane" = Lane::Load on I16x8;
            load_lane V128Load32Lane "v128.load32_lane" = Lane::Load on I32x4;
            load_lane V128Load64Lane "v128.load64_lane" = Lane::Load on I64x2;
            store_lane V128Store8Lane "v128.store8_lane" = Lane::Store on I8x16;
            store_lane V128Store16Lane "v128.store16_lane" = Lane::Store on I16x8;
            store_lane V128Store32Lane "v128.store32_lane" = Lane::Store on I32x4;
            store_lane V128Store64Lane "v128.store64_lane" = Lane::Store on I64x2;

            // Vectors (128 bits): operands and results in slots.
            vector_splat I8x16Splat "i8x16.splat" = Lane::Splat on I8x16;
            vector_splat I16x8Splat "i16x8.splat" = Lane::Splat on I16x8;
            vector_splat I32x4Splat "i32x4.splat" = Lane::Splat on I32x4;
            vector_splat I64x2Splat "i64x2.splat" = Lane::Splat on I64x2;
            vector_splat F32x4Splat "f32x4.splat" = Lane::Splat on F32x4;
            vector_splat F64x2Splat "f64x2.splat" = Lane::Splat on F64x2;
            vector_unary V128Not "v128.not" = VectorIntUnary::Not on I8x16;
            vector_unary V128AnyTrue "v128.any_true" = VectorTest::AnyTrue on I8x16;
            vector_unary I8x16Abs "i8x16.abs" = VectorIntUnary::Abs on I8x16;
            vector_unary I8x16Neg "i8x16.neg" = VectorIntUnary::Neg on I8x16;
            vector_unary I8x16Popcnt "i8x16.popcnt" = VectorIntUnary::Popcnt on I8x16;
            vector_unary I8x16AllTrue "i8x16.all_true" = VectorTest::AllTrue on I8x16;
            vector_unary I8x16Bitmask "i8x16.bitmask" = VectorTest::Bitmask on I8x16;
            vector_unary I16x8ExtAddPairwiseI8x16S "i16x8.extadd_pairwise_i8x16_s"
                = VectorIntUnary::ExtAddPairwise(Signed) on I16x8;
            vector_unary I16x8ExtAddPairwiseI8x16U "i16x8.extadd_pairwise_i8x16_u"
                = VectorIntUnary::ExtAddPairwise(Unsigned) on I16x8;
            vector_unary I16x8Abs "i16x8.abs" = VectorIntUnary::Abs on I16x8;
            vector_unary I16x8Neg "i16x8.neg" = VectorIntUnary::Neg on I16x8;
            vector_unary I16x8AllTrue "i16x8.all_true" = VectorTest::AllTrue on I16x8;
            vector_unary I16x8Bitmask "i16x8.bitmask" = VectorTest::Bitmask on I16x8;
            vector_unary I16x8ExtendLowI8x16S "i16x8.extend_low_i8x16_s"
                = VectorIntUnary::ExtendLow(Signed) on I16x8;
            vector_unary I16x8ExtendHighI8x16S "i16x8.extend_high_i8x16_s"
                = VectorIntUnary::ExtendHigh(Signed) on I16x8;
            vector_unary I16x8ExtendLowI8x16U "i16x8.extend_low_i8x16_u"
                = VectorIntUnary::ExtendLow(Unsigned) on I16x8;
            vector_unary I16x8ExtendHighI8x16U "i16x8.extend_high_i8x16_u"
                = VectorIntUnary::ExtendHigh(Unsigned) on I16x8;
            vector_unary I32x4ExtAddPairwiseI16x8S "i32x4.extadd_pairwise_i16x8_s"
                = VectorIntUnary::ExtAddPairwise(Signed) on I32x4;
            vector_unary I32x4ExtAddPairwiseI16x8U "i32x4.extadd_pairwise_i16x8_u"
                = VectorIntUnary::ExtAddPairwise(Unsigned) on I32x4;
            vector_unary I32x4Abs "i32x4.abs" = VectorIntUnary::Abs on I32x4;
            vector_unary I32x4Neg "i32x4.neg" = VectorIntUnary::Neg on I32x4;
            vector_unary I32x4AllTrue "i32x4.all_true" = VectorTest::AllTrue on I32x4;
            vector_unary I32x4Bitmask "i32x4.bitmask" = VectorTest::Bitmask on I32x4;
            vector_unary I32x4ExtendLowI16x8S "i32x4.extend_low_i16x8_s"
                = VectorIntUnary::ExtendLow(Signed) on I32x4;
            vector_unary I32x4ExtendHighI16x8S "i32x4.extend_high_i16x8_s"
                = VectorIntUnary::ExtendHigh(Signed) on I32x4;
            vector_unary I32x4ExtendLowI16x8U "i32x4.extend_low_i16x8_u"
                = VectorIntUnary::ExtendLow(Unsigned) on I32x4;
            vector_unary I32x4ExtendHighI16x8U "i32x4.extend_high_i16x8_u"
                = VectorIntUnary::ExtendHigh(Unsigned) on I32x4;
            vector_unary I64x2Abs "i64x2.abs" = VectorIntUnary::Abs on I64x2;
            vector_unary I64x2Neg "i64x2.neg" = VectorIntUnary::Neg on I64x2;
            vector_unary I64x2AllTrue "i64x2.all_true" = VectorTest::AllTrue on I64x2;
            vector_unary I64x2Bitmask "i64x2.bitmask" = VectorTest::Bitmask on I64x2;
            vector_unary I64x2ExtendLowI32x4S "i64x2.extend_low_i32x4_s"
                = VectorIntUnary::ExtendLow(Signed) on I64x2;
            vector_unary I64x2ExtendHighI32x4S "i64x2.extend_high_i32x4_s"
                = VectorIntUnary::ExtendHigh(Signed) on I64x2;
            vector_unary I64x2ExtendLowI32x4U "i64x2.extend_low_i32x4_u"
                = VectorIntUnary::ExtendLow(Unsigned) on I64x2;
            vector_unary I64x2ExtendHighI32x4U "i64x2.extend_high_i32x4_u"
                = VectorIntUnary::ExtendHigh(Unsigned) on I64x2;
            vector_unary F32x4Ceil "f32x4.ceil" = VectorFloatUnary::Ceil on F32x4;
            vector_unary F32x4Floor "f32x4.floor" = VectorFloatUnary::Floor on F32x4;
            vector_unary F32x4Trunc "f32x4.trunc" = VectorFloatUnary::Trunc on F32x4;
            vector_unary F32x4Nearest "f32x4.nearest" = VectorFloatUnary::Nearest on F32x4;
            vector_unary F32x4Abs "f32x4.abs" = VectorFloatUnary::Abs on F32x4;
            vector_unary F32x4Neg "f32x4.neg" = VectorFloatUnary::Neg on F32x4;
            vector_unary F32x4Sqrt "f32x4.sqrt" = VectorFloatUnary::Sqrt on F32x4;
            vector_unary F64x2Ceil "f64x2.ceil" = VectorFloatUnary::Ceil on F64x2;
            vector_unary F64x2Floor "f64x2.floor" = VectorFloatUnary::Floor on F64x2;
            vector_unary F64x2Trunc "f64x2.trunc" = VectorFloatUnary::Trunc on F64x2;
            vector_unary F64x2Nearest "f64x2.nearest" = VectorFloatUnary::Nearest on F64x2;
            vector_unary F64x2Abs "f64x2.abs" = VectorFloatUnary::Abs on F64x2;
            vector_unary F64x2Neg "f64x2.neg" = VectorFloatUnary::Neg on F64x2;
            vector_unary F64x2Sqrt "f64x2.sqrt" = VectorFloatUnary::Sqrt on F64x2;
            vector_unary I32x4TruncSatF32x4S "i32x4.trunc_sat_f32x4_s"
                = VectorIntUnary::TruncSat(Signed) on I32x4;
            vector_unary I32x4TruncSatF32x4U "i32x4.trunc_sat_f32x4_u"
                = VectorIntUnary::TruncSat(Unsigned) on I32x4;
            vector_unary F32x4ConvertI32x4S "f32x4.convert_i32x4_s"
                = VectorFloatUnary::Convert(Signed) on F32x4;
            vector_unary F32x4ConvertI32x4U "f32x4.convert_i32x4_u"
                = VectorFloatUnary::Convert(Unsigned) on F32x4;
            vector_unary I32x4TruncSatF64x2SZero "i32x4.trunc_sat_f64x2_s_zero"
                = VectorIntUnary::TruncSatZero(Signed) on I32x4;
            vector_unary I32x4TruncSatF64x2UZero "i32x4.trunc_sat_f64x2_u_zero"
                = VectorIntUnary::TruncSatZero(Unsigned) on I32x4;
            vector_unary F64x2ConvertLowI32x4S "f64x2.convert_low_i32x4_s"
                = VectorFloatUnary::ConvertLow(Signed) on F64x2;
            vector_unary F64x2ConvertLowI32x4U "f64x2.convert_low_i32x4_u"
                = VectorFloatUnary::ConvertLow(Unsigned) on F64x2;
            vector_unary F32x4DemoteF64x2Zero "f32x4.demote_f64x2_zero"
                = VectorFloatUnary::Demote on F32x4;
            vector_unary F64x2PromoteLowF32x4 "f64x2.promote_low_f32x4"
                = VectorFloatUnary::PromoteLow on F64x2;
            vector_unary I32x4RelaxedTruncF32x4S "i32x4.relaxed_trunc_f32x4_s"
                = VectorIntUnary::TruncSat(Signed) on I32x4;
            vector_unary I32x4RelaxedTruncF32x4U "i32x4.relaxed_trunc_f32x4_u"
                = VectorIntUnary::TruncSat(Unsigned) on I32x4;
            vector_unary I32x4RelaxedTruncF64x2SZero "i32x4.relaxed_trunc_f64x2_s_zero"
                = VectorIntUnary::TruncSatZero(Signed) on I32x4;
            vector_unary I32x4RelaxedTruncF64x2UZero "i32x4.relaxed_trunc_f64x2_u_zero"
                = VectorIntUnary::TruncSatZero(Unsigned) on I32x4;
            vector_unary F32x4CanonicalizeNan "f32x4.canonicalize_nan"
                = VectorFloatUnary::CanonicalizeNan on F32x4;
            vector_unary F64x2CanonicalizeNan "f64x2.canonicalize_nan"
                = VectorFloatUnary::CanonicalizeNan on F64x2;
            vector_binary I8x16Swizzle "i8x16.swizzle" = VectorIntBinary::Swizzle on I8x16;
            vector_binary I8x16Eq "i8x16.eq" = IntCompare::Eq on I8x16;
            vector_binary I8x16Ne "i8x16.ne" = IntCompare::Ne on I8x16;
            vector_binary I8x16LtS "i8x16.lt_s" = IntCompare::LtS on I8x16;
            vector_binary I8x16LtU "i8x16.lt_u" = IntCompare::LtU on I8x16;
            vector_binary I8x16GtS "i8x16.gt_s" = IntCompare::GtS on I8x16;
            vector_binary I8x16GtU "i8x16.gt_u" = IntCompare::GtU on I8x16;
            vector_binary I8x16LeS "i8x16.le_s" = IntCompare::LeS on I8x16;
            vector_binary I8x16LeU "i8x16.le_u" = IntCompare::LeU on I8x16;
            vector_binary I8x16GeS "i8x16.ge_s" = IntCompare::GeS on I8x16;
            vector_binary I8x16GeU "i8x16.ge_u" = IntCompare::GeU on I8x16;
            vector_binary I16x8Eq "i16x8.eq" = IntCompare::Eq on I16x8;
            vector_binary I16x8Ne "i16x8.ne" = IntCompare::Ne on I16x8;
            vector_binary I16x8LtS "i16x8.lt_s" = IntCompare::LtS on I16x8;
            vector_binary I16x8LtU "i16x8.lt_u" = IntCompare::LtU on I16x8;
            vector_binary I16x8GtS "i16x8.gt_s" = IntCompare::GtS on I16x8;
            vector_binary I16x8GtU "i16x8.gt_u" = IntCompare::GtU on I16x8;
            vector_binary I16x8LeS "i16x8.le_s" = IntCompare::LeS on I16x8;
            vector_binary I16x8LeU "i16x8.le_u" = IntCompare::LeU on I16x8;
            vector_binary I16x8GeS "i16x8.ge_s" = IntCompare::GeS on I16x8;
            vector_binary I16x8GeU "i16x8.ge_u" = IntCompare::GeU on I16x8;
            vector_binary I32x4Eq "i32x4.eq" = IntCompare::Eq on I32x4;
            vector_binary I32x4Ne "i32x4.ne" = IntCompare::Ne on I32x4;
            vector_binary I32x4LtS "i32x4.lt_s" = IntCompare::LtS on I32x4;
            vector_binary I32x4LtU "i32x4.lt_u" = IntCompare::LtU on I32x4;
            vector_binary I32x4GtS "i32x4.gt_s" = IntCompare::GtS on I32x4;
            vector_binary I32x4GtU "i32x4.gt_u" = IntCompare::GtU on I32x4;
            vector_binary I32x4LeS "i32x4.le_s" = IntCompare::LeS on I32x4;
            vector_binary I32x4LeU "i32x4.le_u" = IntCompare::LeU on I32x4;
            vector_binary I32x4GeS "i32x4.ge_s" = IntCompare::GeS on I32x4;
            vector_binary I32x4GeU "i32x4.ge_u" = IntCompare::GeU on I32x4;
            vector_binary I64x2Eq "i64x2.eq" = IntCompare::Eq on I64x2;
            vector_binary I64x2Ne "i64x2.ne" = IntCompare::Ne on I64x2;
            vector_binary I64x2LtS "i64x2.lt_s" = IntCompare::LtS on I64x2;
            vector_binary I64x2GtS "i64x2.gt_s" = IntCompare::GtS on I64x2;
            vector_binary I64x2LeS "i64x2.le_s" = IntCompare::LeS on I64x2;
            vector_binary I64x2GeS "i64x2.ge_s" = IntCompare::GeS on I64x2;
            vector_binary F32x4Eq "f32x4.eq" = FloatCompare::Eq on F32x4;
            vector_binary F32x4Ne "f32x4.ne" = FloatCompare::Ne on F32x4;
            vector_binary F32x4Lt "f32x4.lt" = FloatCompare::Lt on F32x4;
            vector_binary F32x4Gt "f32x4.gt" = FloatCompare::Gt on F32x4;
            vector_binary F32x4Le "f32x4.le" = FloatCompare::Le on F32x4;
            vector_binary F32x4Ge "f32x4.ge" = FloatCompare::Ge on F32x4;
            vector_binary F64x2Eq "f64x2.eq" = FloatCompare::Eq on F64x2;
            vector_binary F64x2Ne "f64x2.ne" = FloatCompare::Ne on F64x2;
            vector_binary F64x2Lt "f64x2.lt" = FloatCompare::Lt on F64x2;
            vector_binary F64x2Gt "f64x2.gt" = FloatCompare::Gt on F64x2;
            vector_binary F64x2Le "f64x2.le" = FloatCompare::Le on F64x2;
            vector_binary F64x2Ge "f64x2.ge" = FloatCompare::Ge on F64x2;
            vector_binary V128And "v128.and" = VectorIntBinary::And on I8x16;
            vector_binary V128AndNot "v128.andnot" = VectorIntBinary::AndNot on I8x16;
            vector_binary V128Or "v128.or" = VectorIntBinary::Or on I8x16;
            vector_binary V128Xor "v128.xor" = VectorIntBinary::Xor on I8x16;
            vector_binary I8x16NarrowI16x8S "i8x16.narrow_i16x8_s"
                = VectorIntBinary::Narrow(Signed) on I8x16;
            vector_binary I8x16NarrowI16x8U "i8x16.narrow_i16x8_u"
                = VectorIntBinary::Narrow(Unsigned) on I8x16;
            vector_shift I8x16Shl "i8x16.shl" = VectorShift::Shl on I8x16;
            vector_shift I8x16ShrS "i8x16.shr_s" = VectorShift::ShrS on I8x16;
            vector_shift I8x16ShrU "i8x16.shr_u" = VectorShift::ShrU on I8x16;
            vector_binary I8x16Add "i8x16.add" = VectorIntBinary::Add on I8x16;
            vector_binary I8x16AddSatS "i8x16.add_sat_s" = VectorIntBinary::AddSat(Signed) on I8x16;
            vector_binary I8x16AddSatU "i8x16.add_sat_u"
                = VectorIntBinary::AddSat(Unsigned) on I8x16;
            vector_binary I8x16Sub "i8x16.sub" = VectorIntBinary::Sub on I8x16;
            vector_binary I8x16SubSatS "i8x16.sub_sat_s" = VectorIntBinary::SubSat(Signed) on I8x16;
            vector_binary I8x16SubSatU "i8x16.sub_sat_u"
                = VectorIntBinary::SubSat(Unsigned) on I8x16;
            vector_binary I8x16MinS "i8x16.min_s" = VectorIntBinary::Min(Signed) on I8x16;
            vector_binary I8x16MinU "i8x16.min_u" = VectorIntBinary::Min(Unsigned) on I8x16;
            vector_binary I8x16MaxS "i8x16.max_s" = VectorIntBinary::Max(Signed) on I8x16;
            vector_binary I8x16MaxU "i8x16.max_u" = VectorIntBinary::Max(Unsigned) on I8x16;
            vector_binary I8x16AvgrU "i8x16.avgr_u" = VectorIntBinary::AvgrU on I8x16;
            vector_binary I16x8Q15MulrSatS "i16x8.q15mulr_sat_s"
                = VectorIntBinary::Q15MulrSat on I16x8;
            vector_binary I16x8NarrowI32x4S "i16x8.narrow_i32x4_s"
                = VectorIntBinary::Narrow(Signed) on I16x8;
            vector_binary I16x8NarrowI32x4U "i16x8.narrow_i32x4_u"
                = VectorIntBinary::Narrow(Unsigned) on I16x8;
            vector_shift I16x8Shl "i16x8.shl" = VectorShift::Shl on I16x8;
            vector_shift I16x8ShrS "i16x8.shr_s" = VectorShift::ShrS on I16x8;
            vector_shift I16x8ShrU "i16x8.shr_u" = VectorShift::ShrU on I16x8;
            vector_binary I16x8Add "i16x8.add" = VectorIntBinary::Add on I16x8;
            vector_binary I16x8AddSatS "i16x8.add_sat_s" = VectorIntBinary::AddSat(Signed) on I16x8;
            vector_binary I16x8AddSatU "i16x8.add_sat_u"
                = VectorIntBinary::AddSat(Unsigned) on I16x8;
            vector_binary I16x8Sub "i16x8.sub" = VectorIntBinary::Sub on I16x8;
            vector_binary I16x8SubSatS "i16x8.sub_sat_s" = VectorIntBinary::SubSat(Signed) on I16x8;
            vector_binary I16x8SubSatU "i16x8.sub_sat_u"
                = VectorIntBinary::SubSat(Unsigned) on I16x8;
            vector_binary I16x8Mul "i16x8.mul" = VectorIntBinary::Mul on I16x8;
            vector_binary I16x8MinS "i16x8.min_s" = VectorIntBinary::Min(Signed) on I16x8;
            vector_binary I16x8MinU "i16x8.min_u" = VectorIntBinary::Min(Unsigned) on I16x8;
            vector_binary I16x8MaxS "i16x8.max_s" = VectorIntBinary::Max(Signed) on I16x8;
            vector_binary I16x8MaxU "i16x8.max_u" = VectorIntBinary::Max(Unsigned) on I16x8;
            vector_binary I16x8AvgrU "i16x8.avgr_u" = VectorIntBinary::AvgrU on I16x8;
            vector_binary I16x8ExtMulLowI8x16S "i16x8.extmul_low_i8x16_s"
                = VectorIntBinary::ExtMulLow(Signed) on I16x8;
            vector_binary I16x8ExtMulHighI8x16S "i16x8.extmul_high_i8x16_s"
                = VectorIntBinary::ExtMulHigh(Signed) on I16x8;
            vector_binary I16x8ExtMulLowI8x16U "i16x8.extmul_low_i8x16_u"
                = VectorIntBinary::ExtMulLow(Unsigned) on I16x8;
            vector_binary I16x8ExtMulHighI8x16U "i16x8.extmul_high_i8x16_u"
                = VectorIntBinary::ExtMulHigh(Unsigned) on I16x8;
            vector_shift I32x4Shl "i32x4.shl" = VectorShift::Shl on I32x4;
            vector_shift I32x4ShrS "i32x4.shr_s" = VectorShift::ShrS on I32x4;
            vector_shift I32x4ShrU "i32x4.shr_u" = VectorShift::ShrU on I32x4;
            vector_binary I32x4Add "i32x4.add" = VectorIntBinary::Add on I32x4;
            vector_binary I32x4Sub "i32x4.sub" = VectorIntBinary::Sub on I32x4;
            vector_binary I32x4Mul "i32x4.mul" = VectorIntBinary::Mul on I32x4;
            vector_binary I32x4MinS "i32x4.min_s" = VectorIntBinary::Min(Signed) on I32x4;
            vector_binary I32x4MinU "i32x4.min_u" = VectorIntBinary::Min(Unsigned) on I32x4;
            vector_binary I32x4MaxS "i32x4.max_s" = VectorIntBinary::Max(Signed) on I32x4;
            vector_binary I32x4MaxU "i32x4.max_u" = VectorIntBinary::Max(Unsigned) on I32x4;
            vector_binary I32x4DotI16x8S "i32x4.dot_i16x8_s" = VectorIntBinary::Dot on I32x4;
            vector_binary I32x4ExtMulLowI16x8S "i32x4.extmul_low_i16x8_s"
                = VectorIntBinary::ExtMulLow(Signed) on I32x4;
            vector_binary I32x4ExtMulHighI16x8S "i32x4.extmul_high_i16x8_s"
                = VectorIntBinary::ExtMulHigh(Signed) on I32x4;
            vector_binary I32x4ExtMulLowI16x8U "i32x4.extmul_low_i16x8_u"
                = VectorIntBinary::ExtMulLow(Unsigned) on I32x4;
            vector_binary I32x4ExtMulHighI16x8U "i32x4.extmul_high_i16x8_u"
                = VectorIntBinary::ExtMulHigh(Unsigned) on I32x4;
            vector_shift I64x2Shl "i64x2.shl" = VectorShift::Shl on I64x2;
            vector_shift I64x2ShrS "i64x2.shr_s" = VectorShift::ShrS on I64x2;
            vector_shift I64x2ShrU "i64x2.shr_u" = VectorShift::ShrU on I64x2;
            vector_binary I64x2Add "i64x2.add" = VectorIntBinary::Add on I64x2;
            vector_binary I64x2Sub "i64x2.sub" = VectorIntBinary::Sub on I64x2;
            vector_binary I64x2Mul "i64x2.mul" = VectorIntBinary::Mul on I64x2;
            vector_binary I64x2ExtMulLowI32x4S "i64x2.extmul_low_i32x4_s"
                = VectorIntBinary::ExtMulLow(Signed) on I64x2;
            vector_binary I64x2ExtMulHighI32x4S "i64x2.extmul_high_i32x4_s"
                = VectorIntBinary::ExtMulHigh(Signed) on I64x2;
            vector_binary I64x2ExtMulLowI32x4U "i64x2.extmul_low_i32x4_u"
                = VectorIntBinary::ExtMulLow(Unsigned) on I64x2;
            vector_binary I64x2ExtMulHighI32x4U "i64x2.extmul_high_i32x4_u"
                = VectorIntBinary::ExtMulHigh(Unsigned) on I64x2;
            vector_binary F32x4Add "f32x4.add" = VectorFloatBinary::Add on F32x4;
            vector_binary F32x4Sub "f32x4.sub" = VectorFloatBinary::Sub on F32x4;
            vector_binary F32x4Mul "f32x4.mul" = VectorFloatBinary::Mul on F32x4;
            vector_binary F32x4Div "f32x4.div" = VectorFloatBinary::Div on F32x4;
            vector_binary F32x4Min "f32x4.min" = VectorFloatBinary::Min on F32x4;
            vector_binary F32x4Max "f32x4.max" = VectorFloatBinary::Max on F32x4;
            vector_binary F32x4PMin "f32x4.pmin" = VectorFloatBinary::PMin on F32x4;
            vector_binary F32x4PMax "f32x4.pmax" = VectorFloatBinary::PMax on F32x4;
            vector_binary F64x2Add "f64x2.add" = VectorFloatBinary::Add on F64x2;
            vector_binary F64x2Sub "f64x2.sub" = VectorFloatBinary::Sub on F64x2;
            vector_binary F64x2Mul "f64x2.mul" = VectorFloatBinary::Mul on F64x2;
            vector_binary F64x2Div "f64x2.div" = VectorFloatBinary::Div on F64x2;
            vector_binary F64x2Min "f64x2.min" = VectorFloatBinary::Min on F64x2;
            vector_binary F64x2Max "f64x2.max" = VectorFloatBinary::Max on F64x2;
            vector_binary F64x2PMin "f64x2.pmin" = VectorFloatBinary::PMin on F64x2;
            vector_binary F64x2PMax "f64x2.pmax" = VectorFloatBinary::PMax on F64x2;
            vector_binary I8x16RelaxedSwizzle "i8x16.relaxed_swizzle"
                = VectorIntBinary::Swizzle on I8x16;
            vector_binary F32x4RelaxedMin "f32x4.relaxed_min" = VectorFloatBinary::Min on F32x4;
            vector_binary F32x4RelaxedMax "f32x4.relaxed_max" = VectorFloatBinary::Max on F32x4;
            vector_binary F64x2RelaxedMin "f64x2.relaxed_min" = VectorFloatBinary::Min on F64x2;
            vector_binary F64x2RelaxedMax "f64x2.relaxed_max" = VectorFloatBinary::Max on F64x2;
            vector_binary I16x8RelaxedQ15mulrS "i16x8.relaxed_q15mulr_s"
                = VectorIntBinary::Q15MulrSat on I16x8;
            vector_binary I16x8RelaxedDotI8x16I7x16S "i16x8.relaxed_dot_i8x16_i7x16_s"
                = VectorIntBinary::RelaxedDot on I16x8;
            vector_ternary V128Bitselect "v128.bitselect" = VectorTernary::Bitselect on I8x16;
            vector_ternary F32x4RelaxedMadd "f32x4.relaxed_madd" = VectorTernary::Madd on F32x4;
            vector_ternary F32x4RelaxedNmadd "f32x4.relaxed_nmadd" = VectorTernary::Nmadd on F32x4;
            vector_ternary F64x2RelaxedMadd "f64x2.relaxed_madd" = VectorTernary::Madd on F64x2;
            vector_ternary F64x2RelaxedNmadd "f64x2.relaxed_nmadd" = VectorTernary::Nmadd on F64x2;
            vector_ternary I8x16RelaxedLaneselect "i8x16.relaxed_laneselect"
                = VectorTernary::Bitselect on I8x16;
            vector_ternary I16x8RelaxedLaneselect "i16x8.relaxed_laneselect"
                = VectorTernary::Bitselect on I8x16;
            vector_ternary I32x4RelaxedLaneselect "i32x4.relaxed_laneselect"
                = VectorTernary::Bitselect on I8x16;
            vector_ternary I64x2RelaxedLaneselect "i64x2.relaxed_laneselect"
                = VectorTernary::Bitselect on I8x16;
            vector_ternary I32x4RelaxedDotI8x16I7x16AddS "i32x4.relaxed_dot_i8x16_i7x16_add_s"
                = VectorTernary::DotAdd on I32x4;
            extract_lane I8x16ExtractLaneS "i8x16.extract_lane_s" = Lane::Extract(Signed) on I8x16;
            extract_lane I8x16ExtractLaneU "i8x16.extract_lane_u" = Lane::Extract(Unsigned) on I8x16;
            extract_lane I16x8ExtractLaneS "i16x8.extract_lane_s" = Lane::Extract(Signed) on I16x8;
            extract_lane I16x8ExtractLaneU "i16x8.extract_lane_u" = Lane::Extract(Unsigned) on I16x8;
            extract_lane I32x4ExtractLane "i32x4.extract_lane" = Lane::Extract(Unsigned) on I32x4;
            extract_lane I64x2ExtractLane "i64x2.extract_lane" = Lane::Extract(Unsigned) on I64x2;
            extract_lane F32x4ExtractLane "f32x4.extract_lane" = Lane::Extract(Unsigned) on F32x4;
            extract_lane F64x2ExtractLane "f64x2.extract_lane" = Lane::Extract(Unsigned) on F64x2;
            replace_lane I8x16ReplaceLane "i8x16.replace_lane" = Lane::Replace on I8x16;
            replace_lane I16x8ReplaceLane "i16x8.replace_lane" = Lane::Replace on I16x8;
            replace_lane I32x4ReplaceLane "i32x4.replace_lane" = Lane::Replace on I32x4;
            replace_lane I64x2ReplaceLane "i64x2.replace_lane" = Lane::Replace on I64x2;
            replace_lane F32x4ReplaceLane "f32x4.replace_lane" = Lane::Replace on F32x4;
            replace_lane F64x2ReplaceLane "f64x2.replace_lane" = Lane::Replace on F64x2;
        }
    };
}
