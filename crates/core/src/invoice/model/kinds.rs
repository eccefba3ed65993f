//! The words after the `=` of a field of the model: in which way it stands in a document.
//!
//! Each is a module of the same four functions, which `part!` calls with the schema names the field gives.

#![allow(
    clippy::extra_unused_type_parameters,
    clippy::ref_option,
    reason = "the functions of one name are called alike, whatever the kind"
)]

use super::part::{Begins, GroupSlot, Slot, Value, value};
use crate::invoice::read::{ReadError, Reader};
use crate::invoice::write::Writer;

/// `element("P_1")`: an element.
pub(in crate::invoice) mod element {
    use super::{Begins, ReadError, Reader, Slot, Writer};

    pub(in crate::invoice) fn begins<T: Slot>(reader: &Reader<'_>, name: &'static str) -> Begins {
        match Begins::element(reader, name) {
            Begins::No if !T::REQUIRED => Begins::LeftOut,
            begins => begins,
        }
    }

    pub(in crate::invoice) fn first<T: Slot>(
        names: &mut Vec<&'static str>,
        name: &'static str,
    ) -> bool {
        names.push(name);
        T::REQUIRED
    }

    pub(in crate::invoice) fn read<T: Slot>(
        reader: &mut Reader<'_>,
        name: &'static str,
    ) -> Result<T, ReadError> {
        T::read(reader, name)
    }

    pub(in crate::invoice) fn write<T: Slot>(
        value: &T,
        writer: &mut Writer<'_>,
        name: &'static str,
    ) {
        value.write(writer, name);
    }
}

/// `some("DaneFaKorygowanej")`: an element that stands once or more.
pub(in crate::invoice) mod some {
    use super::{Begins, ReadError, Reader, Slot, Writer};

    pub(in crate::invoice) fn begins<T>(reader: &Reader<'_>, name: &'static str) -> Begins {
        Begins::element(reader, name)
    }

    pub(in crate::invoice) fn first<T>(names: &mut Vec<&'static str>, name: &'static str) -> bool {
        names.push(name);
        true
    }

    pub(in crate::invoice) fn read<T: Slot>(
        reader: &mut Reader<'_>,
        name: &'static str,
    ) -> Result<T, ReadError> {
        if reader.is_next(name) {
            T::read(reader, name)
        } else {
            Err(reader.missing(vec![name]))
        }
    }

    pub(in crate::invoice) fn write<T: Slot>(
        value: &T,
        writer: &mut Writer<'_>,
        name: &'static str,
    ) {
        value.write(writer, name);
    }
}

/// `group()`: elements in a row without an element around them.
pub(in crate::invoice) mod group {
    use super::{Begins, GroupSlot, ReadError, Reader, Writer};

    pub(in crate::invoice) fn begins<T: GroupSlot>(reader: &Reader<'_>) -> Begins {
        T::begins(reader)
    }

    pub(in crate::invoice) fn first<T: GroupSlot>(names: &mut Vec<&'static str>) -> bool {
        T::first(names)
    }

    pub(in crate::invoice) fn read<T: GroupSlot>(reader: &mut Reader<'_>) -> Result<T, ReadError> {
        T::read(reader)
    }

    pub(in crate::invoice) fn write<T: GroupSlot>(value: &T, writer: &mut Writer<'_>) {
        value.write(writer);
    }
}

/// `mark("P_19N")`: an element that can only hold `1`, and says something by being there.
pub(in crate::invoice) mod mark {
    use super::{Begins, ReadError, Reader, Value, Writer, value};

    /// The one value of a mark.
    struct Mark;

    impl Value for Mark {
        fn from_text(text: &str) -> Option<Self> {
            (super::super::scalar::small_number(text)? == 1).then_some(Self)
        }

        fn to_text(&self) -> std::borrow::Cow<'_, str> {
            "1".into()
        }
    }

    pub(in crate::invoice) fn begins<T: Markable>(
        reader: &Reader<'_>,
        name: &'static str,
    ) -> Begins {
        match Begins::element(reader, name) {
            Begins::No if !T::REQUIRED => Begins::LeftOut,
            begins => begins,
        }
    }

    pub(in crate::invoice) fn first<T: Markable>(
        names: &mut Vec<&'static str>,
        name: &'static str,
    ) -> bool {
        names.push(name);
        T::REQUIRED
    }

    pub(in crate::invoice) fn read<T: Markable>(
        reader: &mut Reader<'_>,
        name: &'static str,
    ) -> Result<T, ReadError> {
        if reader.is_next(name) {
            reader.enter(name, 0, &[])?;
            value::<Mark>(reader)?;
            Ok(T::of(true))
        } else if T::REQUIRED {
            Err(reader.missing(vec![name]))
        } else {
            Ok(T::of(false))
        }
    }

    pub(in crate::invoice) fn write<T: Markable>(
        value: &T,
        writer: &mut Writer<'_>,
        name: &'static str,
    ) {
        if value.stands() {
            writer.value(name, 0, "1");
        }
    }

    /// What a mark is in the model: `bool` where it may be left out, `()` where it only announces what follows.
    pub(in crate::invoice) trait Markable {
        const REQUIRED: bool;
        fn of(stands: bool) -> Self;
        fn stands(&self) -> bool;
    }

    impl Markable for bool {
        const REQUIRED: bool = false;

        fn of(stands: bool) -> Self {
            stands
        }

        fn stands(&self) -> bool {
            *self
        }
    }

    impl Markable for () {
        const REQUIRED: bool = true;

        fn of(_: bool) -> Self {}

        fn stands(&self) -> bool {
            true
        }
    }
}

/// `marked("NrKSeFZN", "NrFaZaliczkowej")`: a mark, and the element it announces.
pub(in crate::invoice) mod marked {
    use super::{Begins, ReadError, Reader, Slot, Writer, mark};

    pub(in crate::invoice) fn begins<T: Slot>(
        reader: &Reader<'_>,
        mark: &'static str,
        _: &'static str,
    ) -> Begins {
        Begins::element(reader, mark)
    }

    pub(in crate::invoice) fn first<T: Slot>(
        names: &mut Vec<&'static str>,
        mark: &'static str,
        _: &'static str,
    ) -> bool {
        names.push(mark);
        true
    }

    pub(in crate::invoice) fn read<T: Slot>(
        reader: &mut Reader<'_>,
        mark: &'static str,
        name: &'static str,
    ) -> Result<T, ReadError> {
        mark::read::<()>(reader, mark)?;
        T::read(reader, name)
    }

    pub(in crate::invoice) fn write<T: Slot>(
        value: &T,
        writer: &mut Writer<'_>,
        mark: &'static str,
        name: &'static str,
    ) {
        mark::write(&(), writer, mark);
        value.write(writer, name);
    }
}

/// `marked_group("P_19")`: a mark, and the group it announces.
pub(in crate::invoice) mod marked_group {
    use super::{Begins, GroupSlot, ReadError, Reader, Writer, mark};

    pub(in crate::invoice) fn begins<T: GroupSlot>(
        reader: &Reader<'_>,
        mark: &'static str,
    ) -> Begins {
        Begins::element(reader, mark)
    }

    pub(in crate::invoice) fn first<T: GroupSlot>(
        names: &mut Vec<&'static str>,
        mark: &'static str,
    ) -> bool {
        names.push(mark);
        true
    }

    pub(in crate::invoice) fn read<T: GroupSlot>(
        reader: &mut Reader<'_>,
        mark: &'static str,
    ) -> Result<T, ReadError> {
        mark::read::<()>(reader, mark)?;
        T::read(reader)
    }

    pub(in crate::invoice) fn write<T: GroupSlot>(
        value: &T,
        writer: &mut Writer<'_>,
        mark: &'static str,
    ) {
        mark::write(&(), writer, mark);
        value.write(writer);
    }
}

/// `fixed("PrefiksPodatnika", "PL")`: an element that can hold one text only, or nothing, which means the same.
pub(in crate::invoice) mod fixed {
    use super::{Begins, ReadError, Reader, Writer};

    pub(in crate::invoice) fn begins<T: Into<bool>>(
        reader: &Reader<'_>,
        name: &'static str,
        _: &'static str,
    ) -> Begins {
        match Begins::element(reader, name) {
            Begins::No => Begins::LeftOut,
            begins => begins,
        }
    }

    pub(in crate::invoice) fn first<T: Into<bool>>(
        names: &mut Vec<&'static str>,
        name: &'static str,
        _: &'static str,
    ) -> bool {
        names.push(name);
        false
    }

    pub(in crate::invoice) fn read<T: From<bool>>(
        reader: &mut Reader<'_>,
        name: &'static str,
        fixed: &'static str,
    ) -> Result<T, ReadError> {
        if !reader.is_next(name) {
            return Ok(false.into());
        }
        reader.enter(name, 0, &[])?;
        let step = reader.step();
        let text = reader.text()?;
        if !text.is_empty() && text != fixed {
            return Err(reader.value(step));
        }
        reader.note_spelling(step, &text, fixed);
        Ok(true.into())
    }

    pub(in crate::invoice) fn write<T: Copy + Into<bool>>(
        value: &T,
        writer: &mut Writer<'_>,
        name: &'static str,
        fixed: &'static str,
    ) {
        if (*value).into() {
            writer.value(name, 0, fixed);
        }
    }
}

/// `rate_sum("P_13_1", "P_14_1", "P_14_1W")`: what was sold at one rate, in the three elements of that rate.
pub(in crate::invoice) mod rate_sum {
    use super::super::body::RateSum;
    use super::{Begins, ReadError, Reader, Slot, Writer};

    pub(in crate::invoice) fn begins<T>(
        reader: &Reader<'_>,
        net: &'static str,
        _: &'static str,
        _: &'static str,
    ) -> Begins {
        match Begins::element(reader, net) {
            Begins::No => Begins::LeftOut,
            begins => begins,
        }
    }

    pub(in crate::invoice) fn first<T>(
        names: &mut Vec<&'static str>,
        net: &'static str,
        _: &'static str,
        _: &'static str,
    ) -> bool {
        names.push(net);
        false
    }

    pub(in crate::invoice) fn read<T: From<Option<RateSum>>>(
        reader: &mut Reader<'_>,
        net: &'static str,
        vat: &'static str,
        vat_in_zloty: &'static str,
    ) -> Result<T, ReadError> {
        if !reader.is_next(net) {
            return Ok(None.into());
        }
        let sum = RateSum {
            net: Slot::read(reader, net)?,
            vat: Slot::read(reader, vat)?,
            vat_in_zloty: Slot::read(reader, vat_in_zloty)?,
        };
        Ok(Some(sum).into())
    }

    pub(in crate::invoice) fn write<T>(
        value: &Option<RateSum>,
        writer: &mut Writer<'_>,
        net: &'static str,
        vat: &'static str,
        vat_in_zloty: &'static str,
    ) {
        if let Some(sum) = value {
            Slot::write(&sum.net, writer, net);
            Slot::write(&sum.vat, writer, vat);
            Slot::write(&sum.vat_in_zloty, writer, vat_in_zloty);
        }
    }
}
