//! The notation in which the model is written: `record!` for elements in a row, `choice!` for one of several,
//! `codes!` for closed lists.
//!
//! A field stands with what the schema calls it, in the order of the schema; from this one statement come the type, its
//! reader and writer, and its JSON. The words after the `=` are the modules of [`super::kinds`].

/// Calls a function of the module a field names, with the schema names it gives.
macro_rules! part {
    ($function:ident $kind:ident ($($name:literal),*) <$ty:ty> $($argument:expr),+) => {
        $crate::invoice::model::kinds::$kind::$function::<$ty>($($argument),+ $(, $name)*)
    };
}

/// The schema names of a field, as the JSON Schema notes them in `$comment`.
#[cfg(feature = "json-schema")]
macro_rules! schema_names {
    ($kind:ident ()) => { "" };
    (fixed ($name:literal, $fixed:literal)) => { $name };
    (rate_sum ($net:literal, $vat:literal, $vat_in_zloty:literal)) => {
        concat!("net=", $net, " vat=", $vat, " vat_in_zloty=", $vat_in_zloty)
    };
    ($kind:ident ($first:literal $(, $more:literal)*)) => { concat!($first $(, " ", $more)*) };
}

/// A type whose `Debug` shows its name only: what it holds is invoice content.
macro_rules! hidden {
    ($name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

/// A group that may also have an element around it.
macro_rules! in_element {
    ($name:ident) => {
        impl $crate::invoice::model::part::Content for $name {
            fn read(
                reader: &mut $crate::invoice::read::Reader<'_>,
                name: &'static str,
                occurrence: u32,
            ) -> Result<Self, $crate::invoice::read::ReadError> {
                reader.enter(name, occurrence, &[])?;
                reader.descend()?;
                let group = $crate::invoice::model::part::Group::read(reader)?;
                reader.leave()?;
                Ok(group)
            }

            fn write(
                &self,
                writer: &mut $crate::invoice::write::Writer<'_>,
                name: &'static str,
                occurrence: u32,
            ) {
                writer.element(name, occurrence, &[], |writer| {
                    $crate::invoice::model::part::Group::write(self, writer);
                });
            }
        }
    };
}

/// Reads a type from a JSON object. What serde derives would take the fields in a row as well, and an array that forgets
/// one names no field at fault.
macro_rules! from_object {
    ($name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Fields {
                    $($(#[$field_meta])* $field: $ty,)*
                }

                let deserializer = $crate::invoice::model::object::ObjectOnly(deserializer);
                let Fields { $($field),* } = serde::Deserialize::deserialize(deserializer)?;
                Ok(Self { $($field),* })
            }
        }
    };
}

/// Elements in a row, whether or not an element stands around them.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $ty:ty = $kind:ident $names:tt,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "json-schema", schemars(deny_unknown_fields))]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = schema_names!($kind $names))))]
                #[serde(skip_serializing_if = "crate::invoice::model::json::is_absent")]
                pub $field: $ty,
            )*
        }

        hidden!($name);

        from_object!($name { $($(#[$field_meta])* $field: $ty,)* });

        impl $crate::invoice::model::json::MaybeAbsent for $name {}

        impl $crate::invoice::model::part::Group for $name {
            fn begins(reader: &$crate::invoice::read::Reader<'_>) -> $crate::invoice::model::part::Begins {
                use $crate::invoice::model::part::Begins;
                $(
                    match part!(begins $kind $names <$ty> reader) {
                        Begins::LeftOut => {}
                        decided => return decided,
                    }
                )*
                Begins::LeftOut
            }

            fn first(names: &mut Vec<&'static str>) -> bool {
                $(if part!(first $kind $names <$ty> names) {
                    return true;
                })*
                false
            }

            fn read(
                reader: &mut $crate::invoice::read::Reader<'_>,
            ) -> Result<Self, $crate::invoice::read::ReadError> {
                $(let $field = part!(read $kind $names <$ty> reader)?;)*
                Ok(Self { $($field),* })
            }

            fn write(&self, writer: &mut $crate::invoice::write::Writer<'_>) {
                $(part!(write $kind $names <$ty> &self.$field, writer);)*
            }
        }

        in_element!($name);
    };
}

/// One of several: variants that hold something first, then, after a semicolon, those that hold nothing.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$full_meta:meta])* $full:ident($ty:ty) = $full_kind:ident $full_names:tt,)*
        ;
        $($(#[$bare_meta:meta])* $bare:ident = $bare_kind:ident $bare_names:tt,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(
                $(#[$full_meta])*
                #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = schema_names!($full_kind $full_names))))]
                $full($ty),
            )*
            $(
                $(#[$bare_meta])*
                #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = schema_names!($bare_kind $bare_names))))]
                $bare,
            )*
        }

        hidden!($name);

        impl $crate::invoice::model::json::MaybeAbsent for $name {}

        impl $crate::invoice::model::part::Group for $name {
            fn begins(reader: &$crate::invoice::read::Reader<'_>) -> $crate::invoice::model::part::Begins {
                use $crate::invoice::model::part::Begins;
                $(if part!(begins $full_kind $full_names <$ty> reader) == Begins::Yes {
                    return Begins::Yes;
                })*
                $(if part!(begins $bare_kind $bare_names <()> reader) == Begins::Yes {
                    return Begins::Yes;
                })*
                Begins::No
            }

            fn first(names: &mut Vec<&'static str>) -> bool {
                $(part!(first $full_kind $full_names <$ty> names);)*
                $(part!(first $bare_kind $bare_names <()> names);)*
                true
            }

            fn read(
                reader: &mut $crate::invoice::read::Reader<'_>,
            ) -> Result<Self, $crate::invoice::read::ReadError> {
                use $crate::invoice::model::part::Begins;
                $(if part!(begins $full_kind $full_names <$ty> reader) == Begins::Yes {
                    return part!(read $full_kind $full_names <$ty> reader).map(Self::$full);
                })*
                $(if part!(begins $bare_kind $bare_names <()> reader) == Begins::Yes {
                    part!(read $bare_kind $bare_names <()> reader)?;
                    return Ok(Self::$bare);
                })*
                let mut names = Vec::new();
                Self::first(&mut names);
                Err(reader.missing(names))
            }

            fn write(&self, writer: &mut $crate::invoice::write::Writer<'_>) {
                match self {
                    $(Self::$full(content) => part!(write $full_kind $full_names <$ty> content, writer),)*
                    $(Self::$bare => part!(write $bare_kind $bare_names <()> &(), writer),)*
                }
            }
        }

        in_element!($name);
    };
}

/// A closed list of codes. In JSON a code that is a text stands as the schema writes it, a number by its name.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$code_meta:meta])* $variant:ident = $code:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$code_meta])* #[serde(rename = $code)] $variant,)*
        }

        codes!(@list $name $($variant = $code,)*);

        impl $crate::invoice::model::json::MaybeAbsent for $name {}

        impl $crate::invoice::model::part::Value for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::from_code(&$crate::invoice::model::scalar::collapsed(text))
            }

            fn to_text(&self) -> std::borrow::Cow<'_, str> {
                self.code().into()
            }
        }
    };
    (@list $name:ident $($variant:ident = $code:literal,)*) => {
        impl $name {
            /// All of them, in the order of the schema.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The value in the schema.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The one with this value in the schema.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.code() == code)
            }
        }
    };
}

/// A closed list of codes that are numbers in the schema.
macro_rules! numbers {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$code_meta:meta])* $variant:ident = $code:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$code_meta])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of the schema.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The value in the schema.
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The one with this value in the schema.
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.code() == code)
            }
        }

        impl $crate::invoice::model::json::MaybeAbsent for $name {}

        impl $crate::invoice::model::part::Value for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::from_code($crate::invoice::model::scalar::small_number(text)?)
            }

            fn to_text(&self) -> std::borrow::Cow<'_, str> {
                self.code().to_string().into()
            }
        }
    };
}

/// A list of numbered codes with a way out: a mark, and a text in words.
macro_rules! numbers_or_words {
    ($(#[$meta:meta])* pub enum $name:ident = $element:literal or ($mark:literal, $words:literal) {
        $($(#[$code_meta:meta])* $variant:ident = $code:literal,)*
        ;
        $(#[$other_meta:meta])* $other:ident,
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(
                $(#[$code_meta])*
                #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = $element)))]
                $variant,
            )*
            $(#[$other_meta])*
            #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = concat!($mark, " ", $words))))]
            $other(String),
        }

        hidden!($name);

        impl $crate::invoice::model::json::MaybeAbsent for $name {}

        impl $name {
            /// The value in the schema; `None` for what is told in words.
            pub fn code(&self) -> Option<u8> {
                match self {
                    $(Self::$variant => Some($code),)*
                    Self::$other(_) => None,
                }
            }

            /// The one with this value in the schema.
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::invoice::model::part::Group for $name {
            fn begins(reader: &$crate::invoice::read::Reader<'_>) -> $crate::invoice::model::part::Begins {
                use $crate::invoice::model::part::Begins;
                if reader.is_next($element) || reader.is_next($mark) {
                    Begins::Yes
                } else {
                    Begins::No
                }
            }

            fn first(names: &mut Vec<&'static str>) -> bool {
                names.extend([$element, $mark]);
                true
            }

            fn read(
                reader: &mut $crate::invoice::read::Reader<'_>,
            ) -> Result<Self, $crate::invoice::read::ReadError> {
                use $crate::invoice::model::{kinds, part};

                /// The element that holds the number.
                struct Numbered($name);

                impl part::Value for Numbered {
                    fn from_text(text: &str) -> Option<Self> {
                        let code = $crate::invoice::model::scalar::small_number(text)?;
                        $name::from_code(code).map(Self)
                    }

                    fn to_text(&self) -> std::borrow::Cow<'_, str> {
                        self.0.code().unwrap_or_default().to_string().into()
                    }
                }

                if reader.is_next($element) {
                    return kinds::element::read::<Numbered>(reader, $element).map(|found| found.0);
                }
                if reader.is_next($mark) {
                    return kinds::marked::read(reader, $mark, $words).map(Self::$other);
                }
                Err(reader.missing(vec![$element, $mark]))
            }

            fn write(&self, writer: &mut $crate::invoice::write::Writer<'_>) {
                use $crate::invoice::model::kinds;

                match self {
                    Self::$other(words) => kinds::marked::write(words, writer, $mark, $words),
                    listed => {
                        let code = listed.code().unwrap_or_default();
                        writer.value($element, 0, &code.to_string());
                    }
                }
            }
        }
    };
}
