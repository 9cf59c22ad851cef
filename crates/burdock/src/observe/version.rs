//! Versions of the code of observed functions, and the sites in this code.

use super::code::translate;
use super::observation::Observation;
use super::plan::Plan;
use crate::store::StoreInner;
use crate::{Events, Module};
use alloc::vec::Vec;
use burdock_core::{Cursor, FrameLocation};
use burdock_parse::ModuleDef;
use burdock_translate::{Access, Known, Length, Observe, Point, Site, Sites};
use burdock_types::{FuncType, HeapType, RefType, ValType};

/// A site of the store.
#[derive(Clone, Copy)]
pub(super) struct SiteAt {
    /// The beginning of the list of its hooks.
    pub(super) hooks: u32,
    /// The first slot of the frame that its event shows.
    pub(super) first: u32,
    /// The number of these slots.
    pub(super) count: u32,
    /// The types of the values, if they are few.
    pub(super) few: [ValType; FEW],
    /// The number of the values; `MANY` if they are not few.
    pub(super) len: u32,
    pub(super) plan: u32,
    pub(super) version: u32,
    /// The site's index in the version.
    pub(super) index: u32,
    pub(super) offset: u32,
    pub(super) kind: Events,
    pub(super) point: Point,
}

impl SiteAt {
    /// The end of a site's list of hooks.
    pub(super) const END: u32 = u32::MAX;
    /// A site that does not exist.
    pub(super) const NONE: Self = Self {
        hooks: 0,
        first: 0,
        count: 0,
        few: [ValType::I32; FEW],
        len: 0,
        plan: 0,
        version: 0,
        index: 0,
        offset: 0,
        kind: Events::NONE,
        point: Point::Returned,
    };

    /// Returns `true` if its event shows at most `FEW` slots as they are.
    pub(super) fn shows_few(&self) -> bool {
        self.len != Self::MANY
    }

    /// Stands for the number of values.
    const MANY: u32 = u32::MAX;
}

/// The most slots that an event shows without a look at the function's type.
pub(super) const FEW: usize = 4;

/// Returns the types and the number of the values of an event that shows few; `None` for other
/// events.
fn few(point: Point, ty: &FuncType) -> Option<([ValType; FEW], u32)> {
    let types = match point {
        Point::Enter => ty.params(),
        Point::Return => ty.results(),
        Point::TailCall | Point::Instruction | Point::Delimiter | Point::Loop => &[],
        _ => return None,
    };
    let slots: u32 = types.iter().map(|ty| u32::from(ty.slots())).sum();
    let mut few = [ValType::I32; FEW];
    few.get_mut(..types.len()).filter(|_| slots <= FEW as u32)?.copy_from_slice(types);
    Some((few, types.len() as u32))
}

/// Returns the first of the slots that a site's event shows, and their number.
fn values(site: &Site, sites: &Sites, ty: &FuncType, module: &ModuleDef) -> (u32, u32) {
    let count = match site.point {
        Point::Enter => return (0, ty.param_slots()),
        Point::TailCall | Point::Instruction | Point::Delimiter | Point::Loop => 0,
        Point::Returned | Point::Checked(_) | Point::Caught { .. } => 0,
        Point::Return => ty.result_slots(),
        Point::Branch | Point::BranchTable { .. } => 1,
        Point::Load(Access { lane: None, .. }) => 1,
        Point::BranchOnNull { .. } | Point::BranchOnCast { .. } => 1,
        Point::BranchOnCastDesc { .. } => 2,
        Point::Rethrow { slot } => return (slot.into(), 1),
        Point::Catch { tag, reference, .. } => {
            caught_types(module, tag, reference).iter().map(|ty| u32::from(ty.slots())).sum()
        }
        Point::MemoryGrown { .. } | Point::TableGrown { .. } => 1,
        Point::Allocate { len: Some(Length::OnTop), .. } | Point::ThrowRef => 1,
        Point::Allocate { .. } => 0,
        Point::Throw { tag } => module.func_type_at(module.tags[tag as usize]).param_slots(),
        Point::GlobalSet { .. } => sites.top(site).map_or(0, |ty| ty.slots().into()),
        // The address of a lane lies below the vector.
        Point::Load(Access { lane: Some(_), .. }) => 3,
        Point::Store(_) => sites.top(site).map_or(0, |ty| 1 + u32::from(ty.slots())),
        Point::Fill { .. } | Point::Copy { .. } | Point::Init { .. } => 3,
    };
    (sites.end(site).saturating_sub(count), count)
}

/// Returns the types of the values that a handler of exceptions gets.
pub(super) fn caught_types(module: &ModuleDef, tag: Option<u32>, reference: bool) -> Vec<ValType> {
    let exception = ValType::Ref(RefType::new(true, HeapType::Exn));
    let params = |tag: u32| module.func_type_at(module.tags[tag as usize]).params();
    let values = tag.map_or(&[][..], params);
    values.iter().copied().chain(reference.then_some(exception)).collect()
}

/// A version of the code of an observed function.
pub(super) struct Version {
    pub(super) plan: u32,
    pub(super) observed: Observe,
    pub(super) sites: Sites,
    /// The number of its first site.
    first: u32,
    /// The offsets of its tail calls.
    tail_calls: Vec<u32>,
}

impl Version {
    /// Returns the position at which guests that stand at this place in the code of `from`, another
    /// version, go on in this one. All versions have their values in the same slots. Their frames
    /// have one size, because a guest keeps the frame that it has entered its function with.
    fn position_from(&self, from: &Self, offset: u32, point: Point) -> Option<u32> {
        let position = self.sites.position_behind(offset, point)?;
        let (own, other) = (self.sites.frame, from.sites.frame);
        debug_assert_eq!(own, other, "the frames of versions of a function differ in size");
        (own <= other).then_some(position)
    }

    /// Returns the numbers of its sites.
    pub(super) fn numbers(&self) -> core::ops::Range<usize> {
        let first = self.first as usize;
        first..first + self.sites.sites.len()
    }

    /// Returns `true` if hooks have already got the event that the function is left: it is about to
    /// return, or to make a tail call.
    pub(super) fn has_been_left(&self, cursor: &Cursor) -> bool {
        let FrameLocation { offset, site, .. } = cursor.place;
        let returns = site
            .and_then(|site| self.sites.sites.get((site - self.first) as usize))
            .is_some_and(|site| site.point == Point::Return);
        returns || self.tail_calls.binary_search(&offset).is_ok()
    }
}

impl<T: 'static> Observation<T> {
    /// Returns the location of a site.
    pub(super) fn place(&self, number: u32) -> FrameLocation {
        let SiteAt { version, plan, offset, .. } = self.sites[number as usize];
        let Plan { instance, func, .. } = self.plans[plan as usize];
        let record = self.versions[version as usize].sites.record;
        let (version, site) = (Some(version), Some(number));
        FrameLocation { instance, func, offset, version, site, calls: false, record }
    }
}

impl<T: 'static> StoreInner<T> {
    /// Has the next calls of a function run the version for its plan, which is compiled if there is
    /// none yet.
    pub(super) fn use_code(&mut self, number: u32, module: &Module) {
        let Some(observation) = &mut self.hooks.observation else { return };
        let plan = &observation.plans[number as usize];
        if plan.wanted == Observe::default() {
            return self.opaque.vm.use_ordinary_code(plan.instance, plan.func);
        }
        let wanted = plan.wanted.clone();
        // Guests may stand at operators where the version for the plan has no site, because it is
        // ordinary code apart from accesses to memory.
        let is_known = |known: Known| plan.versions.keys().any(|version| version.known == known);
        let exact = wanted.known == Known::AtStops
            && wanted.accesses.are_watched()
            && is_known(Known::AtOperators);
        let exact = exact.then(|| Observe { known: Known::AtOperators, ..wanted.clone() });
        let exact = exact.and_then(|exact| self.version_for(number, module, exact));
        let Some(version) = self.version_for(number, module, wanted) else { return };
        self.opaque.vm.use_version(version);
        self.lead_to(number, version, exact);
    }

    /// Has a guest that stands at a site, and whose frame was written, go on in code that reads all
    /// values from the frame.
    pub(super) fn take_written_frame(&mut self, site: u32) {
        let Some(observation) = &self.hooks.observation else { return };
        let SiteAt { plan, version, offset, point, .. } = observation.sites[site as usize];
        let observed = &observation.versions[version as usize].observed;
        if observed.known != Known::AtStops {
            return;
        }
        let exact = Observe { known: Known::AtOperators, ..observed.clone() };
        let Plan { module, versions, .. } = &observation.plans[plan as usize];
        let (module, is_new) = (module.clone(), !versions.contains_key(&exact));
        let Some(exact) = self.version_for(plan, &module, exact) else { return };
        if is_new {
            self.use_code(plan, &module);
            self.find_listeners_of(&[plan]);
        }
        let Some(observation) = &self.hooks.observation else { return };
        let [version, exact_one] =
            [version, exact].map(|version| &observation.versions[version as usize]);
        let place = exact_one.position_from(version, offset, point);
        self.opaque.vm.set_successor(site, place.map(|position| (exact, position)));
    }

    /// Returns the version of a plan's function that delivers this, which is compiled if there is
    /// none yet; `None` if the function is invalid. Such a function keeps its code, which fails
    /// when it is called.
    fn version_for(&mut self, number: u32, module: &Module, wanted: Observe) -> Option<u32> {
        let observation = self.hooks.observation.as_mut()?;
        let vm = &mut self.opaque.vm;
        let plan = &mut observation.plans[number as usize];
        if let Some(version) = plan.versions.get(&wanted) {
            return Some(*version);
        }
        let first = [observation.sites.len() as u32, vm.counters().len() as u32];
        let (buffer, sites) = translate(module, plan.func, &wanted, first).ok()?;
        let version = vm.observe_func(plan.instance, plan.func, buffer, sites.cells);
        plan.versions.insert(wanted.clone(), version);
        let ty = &plan.ty;
        let sites_at = sites.sites.iter().zip(0..).map(|(site, index)| {
            let (first, count) = values(site, &sites, ty, module.def());
            let (offset, point) = (site.offset, site.point);
            let kind = point.kind();
            let (few, len) = few(point, ty).unwrap_or(([ValType::I32; FEW], SiteAt::MANY));
            let (hooks, plan) = (0, number);
            SiteAt { hooks, first, count, few, len, plan, version, index, offset, kind, point }
        });
        observation.sites.extend(sites_at);
        debug_assert_eq!(version as usize, observation.versions.len());
        let tail_calls = sites.sites.iter().filter(|site| site.point == Point::TailCall);
        let tail_calls = tail_calls.map(|site| site.offset).collect();
        let (observed, first) = (wanted, first[0]);
        observation.versions.push(Version { plan: number, observed, sites, first, tail_calls });
        Some(version)
    }

    /// Has guests that are in other versions of a function's code go on in the newest one, from
    /// where both have a site; or else in the one that has a place before each operator, if there
    /// is one.
    fn lead_to(&mut self, plan: u32, newest: u32, exact: Option<u32>) {
        let Some(observation) = &mut self.hooks.observation else { return };
        let newest_sites = &observation.versions[newest as usize];
        for site in 0..newest_sites.sites.sites.len() as u32 {
            self.opaque.vm.set_successor(newest_sites.first + site, None);
        }
        for (_, behind) in &newest_sites.sites.returns {
            self.opaque.vm.set_detour(newest, *behind, None);
        }
        let place_in = |version: u32, from: u32, offset, point| {
            let [own, from] =
                [version, from].map(|version| &observation.versions[version as usize]);
            Some((version, own.position_from(from, offset, point)?))
        };
        let others = observation.plans[plan as usize].versions.values();
        for other in others.filter(|other| **other != newest) {
            let exact = exact.filter(|exact| exact != other);
            let place = |offset, point| {
                place_in(newest, *other, offset, point)
                    .or_else(|| place_in(exact?, *other, offset, point))
            };
            let Version { sites, first, observed, .. } = &observation.versions[*other as usize];
            for (call, behind) in &sites.returns {
                self.opaque.vm.set_detour(*other, *behind, place(*call, Point::Returned));
            }
            for (site, number) in sites.sites.iter().zip(*first..) {
                let place = place(site.offset, site.point);
                // A guest whose frame was written keeps its way into code that reads the frame.
                if place.is_some() || observed.known != Known::AtStops {
                    self.opaque.vm.set_successor(number, place);
                }
            }
        }
    }
}
