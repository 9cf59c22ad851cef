//! Tests of images.

use super::{Contents, Heap, Reference, Storage, add, add_struct, configs, grow_for};
use crate::heap::image::HeapImage;
use crate::heap::{MAX_BYTES, Object, RuntimeType};
use alloc::vec::Vec;

/// The objects of a test: a list of structs, a small array and a large one.
struct Scene {
    heap: Heap,
    list: RuntimeType,
    ints: RuntimeType,
}

impl Scene {
    /// Returns a scene in each kind of heap.
    fn all() -> impl Iterator<Item = Self> {
        configs().into_iter().map(|config| {
            let mut heap = Heap::new(config);
            let list = add_struct(&mut heap, 1, &[Storage::Reference, Storage::I32]);
            let ints = add(&mut heap, 2, Contents::Array(Storage::I32));
            Self { heap, list, ints }
        })
    }

    fn node(&mut self, next: Reference, value: u32) -> Object {
        let ty = self.list;
        let node = grow_for(&mut self.heap, MAX_BYTES, |heap| heap.allocate_struct(ty));
        let node = node.expect("the heap has room");
        self.heap.write_reference(node, 8, next);
        self.heap.write(node, 12, value.to_ne_bytes());
        node
    }

    fn list(&mut self, len: u32) -> Object {
        let mut list = self.node(Reference::NULL, 0);
        for value in 1..len {
            list = self.node(list.reference(), value);
        }
        list
    }

    fn values(&self, list: Object) -> Vec<u32> {
        let mut values = Vec::new();
        let mut next = Some(list);
        while let Some(node) = next {
            values.push(u32::from_ne_bytes(self.heap.read(node, 12)));
            next = self.heap.read_reference(node, 8).object();
        }
        values
    }

    fn array(&mut self, len: u32) -> Object {
        let ty = self.ints;
        let array = grow_for(&mut self.heap, MAX_BYTES, |heap| heap.allocate_array(ty, len));
        let array = array.expect("the heap has room");
        self.fill(array, |index| index);
        array
    }

    fn fill(&mut self, array: Object, value: fn(u32) -> u32) {
        for index in 0..self.heap.array_len(array) {
            self.heap.write(array, 8 + 4 * index, value(index).to_ne_bytes());
        }
    }

    fn is(&self, array: Object, value: fn(u32) -> u32) -> bool {
        let element = |index| u32::from_ne_bytes(self.heap.read(array, 8 + 4 * index));
        (0..self.heap.array_len(array)).all(|index| element(index) == value(index))
    }

    fn image(&mut self, roots: &[Object], earlier: Option<&HeapImage>) -> HeapImage {
        self.collect(roots, &[], |marking| marking.image(earlier))
    }

    /// Collects all garbage, with images that exist beside the roots.
    fn collect<R>(
        &mut self,
        roots: &[Object],
        images: &[&HeapImage],
        inspect: impl FnOnce(&mut crate::heap::Marking<'_>) -> R,
    ) -> R {
        let mut marking = self.heap.begin_full_collection().exact().expect("no words were marked");
        roots.iter().for_each(|root| marking.mark_reference(root.reference()));
        let result = inspect(&mut marking);
        images.iter().for_each(|image| marking.mark_image(image));
        marking.finish();
        result
    }

    fn live_bytes(&mut self, roots: &[Object], images: &[&HeapImage]) -> usize {
        self.collect(roots, images, |_| ());
        self.heap.statistics().live_bytes as usize
    }
}

#[test]
fn objects_get_the_contents_again_that_they_had() {
    for mut scene in Scene::all() {
        let list = scene.list(2000);
        let [small, large] = [30, 20_000].map(|len| scene.array(len));
        let roots = [list, small, large];
        let image = scene.image(&roots, None);
        // Everything changes, and no root is left.
        let other = scene.node(Reference::NULL, 77);
        scene.heap.write_reference(list, 8, other.reference());
        scene.heap.write(list, 12, [0xff; 4]);
        scene.fill(small, |_| 1);
        scene.fill(large, |index| index * 3);
        scene.collect(&[], &[&image], |_| ());
        scene.list(3000);
        for _ in 0..2 {
            scene.heap.restore(&image);
            assert_eq!(scene.values(list), (0..2000).rev().collect::<Vec<_>>());
            assert!(scene.is(small, |index| index) && scene.is(large, |index| index));
            scene.fill(large, |_| 5);
        }
        // The object that is younger than the image keeps its contents as well.
        assert_eq!(scene.values(other), [77]);
        scene.heap.restore(&image);
        let live = scene.live_bytes(&roots, &[]);
        assert_eq!(live, image.bytes());
    }
}

#[test]
fn an_image_holds_its_objects_and_no_others() {
    for mut scene in Scene::all() {
        let [kept, dropped] = [50, 60].map(|len| scene.list(len));
        let large = scene.array(50_000);
        let bytes = |count: usize| count * 16;
        let all = bytes(50) + 8 + 4 * 50_000;
        let image = scene.image(&[kept, large], None);
        assert_eq!(image.bytes(), all);
        assert_eq!(scene.live_bytes(&[], &[&image]), all);
        // What an object of the image refers to now is held, too; what it does not is held anyway.
        let young = scene.node(Reference::NULL, 1);
        scene.heap.write_reference(kept, 8, young.reference());
        assert_eq!(scene.live_bytes(&[], &[&image]), all + bytes(1));
        scene.heap.restore(&image);
        assert_eq!(scene.live_bytes(&[], &[&image]), all);
        assert_eq!(scene.values(kept).len(), 50);
        // A collection of young objects keeps those of the image as well.
        for _ in 0..3 {
            scene.list(100);
            let mut marking = scene.heap.begin_collection().exact().expect("no words were marked");
            marking.mark_image(&image);
            marking.finish();
        }
        assert_eq!(scene.values(kept).len(), 50);
        assert_eq!(scene.live_bytes(&[], &[]), 0);
        assert_ne!(dropped, kept);
    }
}

#[test]
fn an_image_does_not_contain_what_only_another_one_holds() {
    for mut scene in Scene::all() {
        let [first, second] = [10, 20].map(|len| scene.list(len));
        let older = scene.image(&[first, second], None);
        let newer = scene.collect(&[second], &[&older], |marking| marking.image(None));
        assert_eq!((older.bytes(), newer.bytes()), (30 * 16, 20 * 16));
        assert_eq!(scene.live_bytes(&[], &[&newer]), 20 * 16);
    }
}

#[test]
fn images_share_what_does_not_change() {
    for mut scene in Scene::all() {
        let list = scene.list(10_000);
        let large = scene.array(50_000);
        let roots = [list, large];
        let first = scene.image(&roots, None);
        let same = scene.image(&roots, Some(&first));
        assert_eq!((same.shared_with(&first), same.len()), (first.len(), first.len()));
        scene.heap.write(large, 8, [9; 4]);
        scene.heap.write(list, 12, [9; 4]);
        let other = scene.image(&roots, Some(&same));
        assert_eq!(other.shared_with(&first), first.len() - 2);
        scene.heap.restore(&first);
        assert!(scene.is(large, |index| index));
        scene.heap.restore(&other);
        assert_eq!(scene.heap.read(large, 8), [9; 4]);
    }
}
